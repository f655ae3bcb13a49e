package dev.reelrank.testbed;

import dev.reelrank.pipeline.RgbImage;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * A clip whose subject loses its detail: from the fourth frame on it is blurred more and more,
 * until eyes and pattern are gone. Its outline stays.
 */
public final class LostDetail {
    /** Kinds with small parts, which can be lost. */
    private static final Set<Kind> WITH_PARTS =
            EnumSet.of(Kind.CAT, Kind.FISH, Kind.PERSON, Kind.WATCH, Kind.APPLE, Kind.MUSHROOM);

    private static final int FIRST = 3;

    /** Frames until the detail is gone. */
    private static final int FADING = 4;

    private LostDetail() {}

    /** Whether the subject has detail to lose. */
    public static boolean applies(Scene scene) {
        return WITH_PARTS.contains(scene.first().kind());
    }

    /** The rendered clip, its subject blurred. */
    public static Clip of(Scene scene, int frames) {
        Clip clean = Renderer.render(scene, frames);
        List<RgbImage> blurred = new ArrayList<>();
        for (int f = 0; f < frames; f++) {
            double share = Math.min(1, Math.max(0, (f - FIRST + 1) / (double) FADING));
            int reach = (int) Math.round(share * scene.first().radius() / 2);
            RgbImage frame = clean.frames().get(f);
            blurred.add(reach == 0 ? frame : blurred(frame, clean.masks().get(f), reach));
        }
        return new Clip(blurred, clean.masks());
    }

    /** Every pixel of the subject becomes the mean of the subject's pixels around it. */
    private static RgbImage blurred(RgbImage frame, byte[] mask, int reach) {
        int width = frame.width();
        int height = frame.height();
        // Sums over rectangles, of each channel and of the mask.
        long[][] sums = new long[4][(width + 1) * (height + 1)];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int p = y * width + x;
                boolean subject = mask[p] == 1;
                for (int c = 0; c < 4; c++) {
                    int value = !subject ? 0 : c == 3 ? 1 : frame.rgb()[3 * p + c] & 0xff;
                    sums[c][at(width, x + 1, y + 1)] =
                            value
                                    + sums[c][at(width, x, y + 1)]
                                    + sums[c][at(width, x + 1, y)]
                                    - sums[c][at(width, x, y)];
                }
            }
        }
        byte[] rgb = frame.rgb().clone();
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int p = y * width + x;
                if (mask[p] == 1) {
                    int x0 = Math.max(0, x - reach);
                    int y0 = Math.max(0, y - reach);
                    int x1 = Math.min(width, x + reach + 1);
                    int y1 = Math.min(height, y + reach + 1);
                    long n = sum(sums[3], width, x0, y0, x1, y1);
                    for (int c = 0; c < 3; c++) {
                        rgb[3 * p + c] = (byte) (sum(sums[c], width, x0, y0, x1, y1) / n);
                    }
                }
            }
        }
        return new RgbImage(width, height, rgb);
    }

    private static int at(int width, int x, int y) {
        return y * (width + 1) + x;
    }

    private static long sum(long[] sums, int width, int x0, int y0, int x1, int y1) {
        return sums[at(width, x1, y1)]
                - sums[at(width, x0, y1)]
                - sums[at(width, x1, y0)]
                + sums[at(width, x0, y0)];
    }
}
