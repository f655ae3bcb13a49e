package dev.reelrank.video;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.file.WholeFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOInvalidTreeException;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;

/** Animated GIFs that repeat for ever: what a page without scripts can show. */
public final class GifWriter {
    private static final String FORMAT = "javax_imageio_gif_image_1.0";
    private static final double CENTISECONDS = 100;

    private GifWriter() {}

    /**
     * Writes frames as they are; colours are reduced to 256 per frame.
     *
     * @param frames at least one
     * @param fps up to 50: browsers slow down what is faster
     * @throws StageException OUT_OF_DISK when the file cannot be written
     */
    public static void write(Path file, List<RgbImage> frames, double fps) {
        if (frames.isEmpty() || !(fps > 0 && fps <= 50)) {
            throw new IllegalArgumentException(
                    "a GIF needs frames and 0 to 50 of them a second, got %d and %s"
                            .formatted(frames.size(), fps));
        }
        try {
            WholeFile.write(file, part -> encode(part, frames, fps));
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK, "cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    private static void encode(Path part, List<RgbImage> frames, double fps) throws IOException {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("gif").next();
        try (var out = ImageIO.createImageOutputStream(part.toFile())) {
            if (out == null) {
                throw new IOException("the file cannot be opened");
            }
            writer.setOutput(out);
            writer.prepareWriteSequence(null);
            for (int i = 0; i < frames.size(); i++) {
                var image = Images.toBuffered(frames.get(i));
                var metadata = writer.getDefaultImageMetadata(new ImageTypeSpecifier(image), null);
                describe(metadata, (int) Math.round(CENTISECONDS / fps), i == 0);
                writer.writeToSequence(new IIOImage(image, null, metadata), null);
            }
            writer.endWriteSequence();
        } finally {
            writer.dispose();
        }
    }

    private static void describe(IIOMetadata metadata, int delay, boolean first)
            throws IIOInvalidTreeException {
        var root = new IIOMetadataNode(FORMAT);
        var control = new IIOMetadataNode("GraphicControlExtension");
        control.setAttribute("disposalMethod", "none");
        control.setAttribute("userInputFlag", "FALSE");
        control.setAttribute("transparentColorFlag", "FALSE");
        control.setAttribute("delayTime", Integer.toString(delay));
        control.setAttribute("transparentColorIndex", "0");
        root.appendChild(control);
        if (first) {
            var loop = new IIOMetadataNode("ApplicationExtension");
            loop.setAttribute("applicationID", "NETSCAPE");
            loop.setAttribute("authenticationCode", "2.0");
            // Block 1, then how often it repeats in two bytes: 0 for ever.
            loop.setUserObject(new byte[] {1, 0, 0});
            var extensions = new IIOMetadataNode("ApplicationExtensions");
            extensions.appendChild(loop);
            root.appendChild(extensions);
        }
        metadata.mergeTree(FORMAT, root);
    }
}
