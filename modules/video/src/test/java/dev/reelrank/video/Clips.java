package dev.reelrank.video;

import dev.reelrank.pipeline.RgbImage;
import java.util.ArrayList;
import java.util.List;

/** Moving pictures for tests: a bright square travels over a gradient. */
final class Clips {
    private Clips() {}

    static List<RgbImage> square(int width, int height, int frames, int step) {
        var clip = new ArrayList<RgbImage>();
        for (int t = 0; t < frames; t++) {
            var rgb = new byte[width * height * 3];
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    int left = 8 + t * step;
                    boolean inside = x >= left && x < left + 24 && y >= 12 && y < 36;
                    int at = (y * width + x) * 3;
                    // A texture inside the square, so that flow has something to hold on to.
                    int grain = ((x - left) / 4 + y / 4) % 2 * 40;
                    rgb[at] = (byte) (inside ? 220 - grain : x * 120 / width);
                    rgb[at + 1] = (byte) (inside ? 180 - grain : y * 120 / height);
                    rgb[at + 2] = (byte) (inside ? 60 : 70);
                }
            }
            clip.add(new RgbImage(width, height, rgb));
        }
        return clip;
    }

    static double meanDifference(RgbImage a, RgbImage b) {
        long sum = 0;
        for (int i = 0; i < a.rgb().length; i++) {
            sum += Math.abs((a.rgb()[i] & 0xff) - (b.rgb()[i] & 0xff));
        }
        return (double) sum / a.rgb().length;
    }
}
