package dev.reelrank.alignment.compare;

import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.video.GifWriter;
import dev.reelrank.video.VideoSettings;
import dev.reelrank.video.VideoWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Two clips in one: the base at the left, the adapter at the right. */
public final class SideBySide {
    private static final int GAP = 4;
    private static final int GIF_FPS = 50;

    private SideBySide() {}

    /**
     * Joins two clips.
     *
     * @param left of one size with right, as many frames
     */
    public static List<RgbImage> join(List<RgbImage> left, List<RgbImage> right) {
        if (left.size() != right.size()) {
            throw new IllegalArgumentException(
                    "clips to show side by side have %d and %d frames"
                            .formatted(left.size(), right.size()));
        }
        var joined = new ArrayList<RgbImage>();
        for (int i = 0; i < left.size(); i++) {
            joined.add(join(left.get(i), right.get(i)));
        }
        return joined;
    }

    private static RgbImage join(RgbImage left, RgbImage right) {
        if (left.width() != right.width() || left.height() != right.height()) {
            throw new IllegalArgumentException(
                    "frames to show side by side are %dx%d and %dx%d"
                            .formatted(left.width(), left.height(), right.width(), right.height()));
        }
        int row = left.width() * 3;
        int width = 2 * left.width() + GAP;
        var rgb = new byte[width * left.height() * 3];
        java.util.Arrays.fill(rgb, (byte) 255);
        for (int y = 0; y < left.height(); y++) {
            System.arraycopy(left.rgb(), y * row, rgb, y * width * 3, row);
            System.arraycopy(right.rgb(), y * row, rgb, (y * width + left.width() + GAP) * 3, row);
        }
        return new RgbImage(width, left.height(), rgb);
    }

    /**
     * Writes the two clips as {@code NAME.mp4} and {@code NAME.gif}.
     *
     * @param folder exists
     * @throws dev.reelrank.pipeline.StageException OUT_OF_DISK
     */
    public static void write(
            Path folder, String name, List<RgbImage> base, List<RgbImage> adapter, double fps) {
        var joined = join(base, adapter);
        VideoWriter.write(folder.resolve(name + ".mp4"), joined, VideoSettings.h264(fps));
        GifWriter.write(folder.resolve(name + ".gif"), joined, Math.min(fps, GIF_FPS));
    }
}
