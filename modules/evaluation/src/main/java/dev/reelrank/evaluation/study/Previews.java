package dev.reelrank.evaluation.study;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.video.VideoReader;
import dev.reelrank.video.VideoSettings;
import dev.reelrank.video.VideoWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Videos that stand in a page: small ones as they are, others made smaller first. */
final class Previews {
    /** A mail carries a few of these. */
    private static final long LARGEST = 400_000;

    private static final int SIDE = 320;
    private static final int CRF = 28;

    private Previews() {}

    /**
     * A video as a data address.
     *
     * @param scratch a folder for what is made on the way
     * @throws StageException UNREADABLE_VIDEO, OUT_OF_DISK
     */
    static String data(Path video, Path scratch) {
        try {
            Path shown = Files.size(video) <= LARGEST ? video : smaller(video, scratch);
            return "data:video/mp4;base64,"
                    + Base64.getEncoder().encodeToString(Files.readAllBytes(shown));
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK, "cannot read " + video + ": " + e.getMessage(), e);
        }
    }

    private static Path smaller(Path video, Path scratch) throws IOException {
        Files.createDirectories(scratch);
        Path small = Files.createTempFile(scratch, "preview", ".mp4");
        var info = VideoReader.probe(video);
        int factor = Math.max(1, Math.min(info.width(), info.height()) / SIDE);
        List<RgbImage> frames = new ArrayList<>();
        try (var reader = VideoReader.open(video)) {
            for (RgbImage f = reader.next(); f != null; f = reader.next()) {
                frames.add(every(f, factor));
            }
        }
        VideoWriter.write(small, frames, VideoSettings.h264(info.fps()).withCrf(CRF));
        return small;
    }

    /** Means of squares of pixels; both sides stay even, as encoders want them. */
    private static RgbImage every(RgbImage image, int factor) {
        int width = image.width() / factor / 2 * 2;
        int height = image.height() / factor / 2 * 2;
        byte[] rgb = new byte[width * height * 3];
        int at = 0;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int c = 0; c < 3; c++) {
                    int sum = 0;
                    for (int dy = 0; dy < factor; dy++) {
                        for (int dx = 0; dx < factor; dx++) {
                            sum += (int) image.at(x * factor + dx, y * factor + dy, c);
                        }
                    }
                    rgb[at++] = (byte) (sum / (factor * factor));
                }
            }
        }
        return new RgbImage(width, height, rgb);
    }
}
