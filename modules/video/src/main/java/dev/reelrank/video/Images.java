package dev.reelrank.video;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.GitLfsPointer;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.file.WholeFile;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pictures from and to files: PNG, JPEG (CMYK too), WebP, GIF and BMP in, PNG out.
 *
 * <p>What comes out is always upright 8-bit sRGB. EXIF orientation is applied. An embedded colour
 * profile is converted, which Pillow's {@code convert("RGB")} does not do. White stands behind
 * transparent pixels, and a warning says so; Pillow's conversion shows whatever colour lies hidden
 * there. Of 16-bit samples the high byte counts, as Pillow reads them in colour.
 */
public final class Images {
    /** A picture above this would need over 1 GB to decode; 100 million pixels. */
    static final long MAX_PIXELS = 100_000_000L;

    private static final Logger LOG = LoggerFactory.getLogger(Images.class);

    private Images() {}

    /**
     * Reads a picture.
     *
     * @throws StageException UNREADABLE_IMAGE, with the file, what is wrong and what helps
     */
    public static RgbImage read(Path file) {
        try {
            return read(Files.readAllBytes(file), file.toString());
        } catch (NoSuchFileException e) {
            throw unreadable(file.toString(), "there is no such file", e);
        } catch (IOException e) {
            throw unreadable(file.toString(), "the file cannot be opened", e);
        }
    }

    /**
     * Reads a picture from the bytes of a file.
     *
     * @param name what error messages call it
     * @throws StageException UNREADABLE_IMAGE
     */
    public static RgbImage read(byte[] bytes, String name) {
        if (bytes.length == 0) {
            throw unreadable(name, "it is empty (0 bytes)", null);
        }
        if (GitLfsPointer.beginsWith(bytes)) {
            throw new StageException(
                    FailureCode.UNREADABLE_IMAGE, GitLfsPointer.message(Path.of(name)));
        }
        var decoded = WebP.is(bytes) ? webp(bytes, name) : decode(bytes, name);
        if (Pixels.isTransparent(decoded)) {
            LOG.warn("{} has transparent pixels; they are composited over white", name);
        }
        return Orientation.of(bytes).apply(Pixels.toRgb(decoded));
    }

    private static BufferedImage webp(byte[] bytes, String name) {
        try {
            var size = WebP.size(bytes);
            requireSize(name, size.width(), size.height());
            return WebP.decode(bytes);
        } catch (IOException e) {
            throw damaged(name, e);
        }
    }

    private static void requireSize(String name, int width, int height) {
        if ((long) width * height > MAX_PIXELS) {
            throw unreadable(
                    name,
                    "it is %dx%d, above the limit of %d million pixels"
                            .formatted(width, height, MAX_PIXELS / 1_000_000),
                    null);
        }
    }

    /**
     * A JPEG has at least one bit for each block of 8x8 pixels. One that has less is cut short, and
     * is not decoded first: 500 bytes may promise as many pixels as take many seconds.
     */
    private static void requireBytes(String name, int bytes, ImageReader reader)
            throws IOException {
        long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
        if (reader.getFormatName().matches("(?i)jpe?g") && bytes < pixels / 512) {
            throw unreadable(
                    name,
                    "it is truncated: %d bytes cannot hold its %dx%d pixels"
                            .formatted(bytes, reader.getWidth(0), reader.getHeight(0)),
                    null);
        }
    }

    private static StageException damaged(String name, Exception e) {
        return unreadable(name, "it is damaged or truncated (" + e.getMessage() + ")", e);
    }

    private static BufferedImage decode(byte[] bytes, String name) {
        try (var input = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
            var readers = ImageIO.getImageReaders(input);
            if (!readers.hasNext()) {
                throw unreadable(name, "it is not a PNG, JPEG, WebP, GIF or BMP image", null);
            }
            var reader = readers.next();
            try {
                var warnings = new ArrayList<String>();
                reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
                reader.setInput(input, true, true);
                requireSize(name, reader.getWidth(0), reader.getHeight(0));
                requireBytes(name, bytes.length, reader);
                var image = reader.read(0);
                // Decoders fill what a truncated file lacks with grey and only warn.
                for (var warning : warnings) {
                    if (Truncation.isMeantBy(warning)) {
                        throw unreadable(name, "it is truncated: " + warning, null);
                    }
                }
                return image;
            } finally {
                reader.dispose();
            }
        } catch (IOException | RuntimeException e) {
            // Decoders answer damaged files with every kind of exception.
            if (e instanceof StageException known) {
                throw known;
            }
            throw damaged(name, e);
        }
    }

    /** Encodes as PNG; equal pictures give equal bytes. */
    public static byte[] png(RgbImage image) {
        return png(Pixels.toBuffered(image));
    }

    /** Encodes a drawing as PNG. */
    public static byte[] png(BufferedImage image) {
        var out = new ByteArrayOutputStream();
        // Not straight into the bytes: ImageIO would put a file into the folder for temporary ones.
        try (var stream = new MemoryCacheImageOutputStream(out)) {
            if (!ImageIO.write(image, "png", stream)) {
                throw new StageException(
                        FailureCode.INTERNAL_ERROR, "this Java runtime has no PNG writer");
            }
        } catch (IOException e) {
            throw new StageException(FailureCode.INTERNAL_ERROR, "a PNG could not be encoded", e);
        }
        return out.toByteArray();
    }

    /** Writes a PNG under a temporary name and moves it into place; missing folders are made. */
    public static void writePng(Path file, RgbImage image) {
        write(file, png(image));
    }

    /** Writes a drawing as {@link #writePng(Path, RgbImage)} does. */
    public static void writePng(Path file, BufferedImage image) {
        write(file, png(image));
    }

    /** The same picture for drawing on with Java2D; the pixels are copied. */
    public static BufferedImage toBuffered(RgbImage image) {
        return Pixels.toBuffered(image);
    }

    /** A drawing as a picture; transparency is laid over white. */
    public static RgbImage fromBuffered(BufferedImage image) {
        return Pixels.toRgb(image);
    }

    private static void write(Path file, byte[] bytes) {
        try {
            WholeFile.write(file, bytes);
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK,
                    "cannot write the image %s: %s; is there space, and is the folder writable?"
                            .formatted(file, e.getMessage()),
                    e);
        }
    }

    static StageException unreadable(String name, String why, @Nullable Throwable cause) {
        return new StageException(
                FailureCode.UNREADABLE_IMAGE,
                "cannot read the image %s: %s; save it again as PNG, JPEG or WebP"
                        .formatted(name, why),
                cause);
    }
}
