package dev.reelrank.dqa;

import dev.reelrank.grading.benchmark.BenchmarkFormulas;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.video.VideoReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Frames of a video, chosen. Decoding again is cheaper than keeping a chunk's frames in memory. */
final class Film {
    private Film() {}

    /**
     * The frames from the first on, one after another, made small: what motion is measured on.
     *
     * @param frames of at most {@code side} to {@code 2 · side − 1} pixels on the short side
     * @param steadiness of all frames of the video in their own size, see {@link
     *     BenchmarkFormulas#steadiness(double)}
     * @param length frames of the video
     */
    record Strip(List<RgbImage> frames, double steadiness, int length) {}

    /**
     * @param most frames to keep, which bounds the memory; steadiness looks at those behind them
     *     too
     * @param side frames twice as large or larger are made smaller by a whole factor
     */
    static Strip strip(Path video, int most, int side) {
        var frames = new ArrayList<RgbImage>();
        double differences = 0;
        try (var reader = VideoReader.open(video)) {
            RgbImage before = null;
            for (RgbImage f = reader.next(); f != null; f = reader.next()) {
                differences += before == null ? 0 : BenchmarkFormulas.difference(f, before);
                if (frames.size() < most) {
                    frames.add(smaller(f, Math.min(f.width(), f.height()) / side));
                }
                before = f;
            }
            int length = reader.position();
            double mean = length < 2 ? 0 : differences / (length - 1);
            return new Strip(frames, BenchmarkFormulas.steadiness(mean), length);
        }
    }

    /** Means of squares of {@code factor} pixels a side; what is left over at the edges is cut. */
    static RgbImage smaller(RgbImage image, int factor) {
        if (factor < 2) {
            return image;
        }
        int width = image.width() / factor;
        int height = image.height() / factor;
        byte[] from = image.rgb();
        byte[] to = new byte[width * height * 3];
        int[] sums = new int[width * 3];
        for (int y = 0; y < height; y++) {
            Arrays.fill(sums, 0);
            for (int row = 0; row < factor; row++) {
                int at = (y * factor + row) * image.width() * 3;
                for (int x = 0; x < width * 3; x += 3) {
                    for (int i = 0; i < factor; i++, at += 3) {
                        sums[x] += from[at] & 0xff;
                        sums[x + 1] += from[at + 1] & 0xff;
                        sums[x + 2] += from[at + 2] & 0xff;
                    }
                }
            }
            for (int i = 0; i < sums.length; i++) {
                to[y * sums.length + i] =
                        (byte) ((sums[i] + factor * factor / 2) / (factor * factor));
            }
        }
        return new RgbImage(width, height, to);
    }
}
