package dev.reelrank.client.export;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.stage.CandidateResult;
import dev.reelrank.video.VideoReader;
import dev.reelrank.video.VideoSettings;
import dev.reelrank.video.VideoWriter;
import java.nio.file.Path;
import java.util.Arrays;

/** One video of an export: checked, then encoded anew. */
final class VideoEncoding {
    /** A container rounds the frame rate; more than this is another rate. */
    private static final double FPS_TOLERANCE = 0.01;

    private VideoEncoding() {}

    /**
     * Decodes a whole video.
     *
     * @param said what the farm recorded about it
     * @throws StageException UNREADABLE_VIDEO if it is empty, does not decode to its end, or is not
     *     what was recorded
     */
    static void check(Path video, CandidateResult said) {
        try (var reader = VideoReader.open(video)) {
            var found = reader.info();
            if (found.frames() != said.frames()
                    || Math.abs(found.fps() - said.fps()) > FPS_TOLERANCE) {
                throw new StageException(
                        FailureCode.UNREADABLE_VIDEO,
                        "it has %d frames at %.2f frames per second, recorded were %d at %.2f"
                                .formatted(found.frames(), found.fps(), said.frames(), said.fps()));
            }
            int decoded = 0;
            while (reader.skip()) {
                decoded++;
            }
            if (decoded == 0) {
                throw new StageException(FailureCode.UNREADABLE_VIDEO, "it contains no frame");
            }
        }
    }

    /**
     * Encodes a video.
     *
     * @param fps as recorded
     * @param finish what is done to every frame first
     * @return whether an odd side was made even
     */
    static boolean encode(Path from, Path to, double fps, ExportOptions options, Finish finish) {
        var settings = new VideoSettings(options.codec(), options.crf(), options.preset(), fps);
        try (var reader = VideoReader.open(from)) {
            int wide = finish.scale() * reader.info().width();
            int high = finish.scale() * reader.info().height();
            int width = even(wide);
            int height = even(high);
            try (var writer = VideoWriter.open(to, width, height, settings)) {
                for (RgbImage frame = reader.next(); frame != null; frame = reader.next()) {
                    writer.write(padded(finish.apply(frame), width, height));
                }
                writer.finish();
            }
            return width != wide || height != high;
        }
    }

    private static int even(int side) {
        return side + side % 2;
    }

    /** Repeats the last column and row; a black line at the edge would be seen. */
    static RgbImage padded(RgbImage frame, int width, int height) {
        if (frame.width() == width && frame.height() == height) {
            return frame;
        }
        int stride = 3 * width;
        var rgb = new byte[Math.multiplyExact(stride, height)];
        for (int y = 0; y < height; y++) {
            int from = Math.min(y, frame.height() - 1) * 3 * frame.width();
            System.arraycopy(frame.rgb(), from, rgb, y * stride, 3 * frame.width());
            for (int x = frame.width(); x < width; x++) {
                byte[] last =
                        Arrays.copyOfRange(
                                frame.rgb(),
                                from + 3 * (frame.width() - 1),
                                from + 3 * frame.width());
                System.arraycopy(last, 0, rgb, y * stride + 3 * x, 3);
            }
        }
        return new RgbImage(width, height, rgb);
    }
}
