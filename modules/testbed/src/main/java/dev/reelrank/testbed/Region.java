package dev.reelrank.testbed;

/** Plain counting over flags of pixels, row by row. */
final class Region {
    private Region() {}

    static boolean[] labelled(byte[] mask, int label) {
        boolean[] flags = new boolean[mask.length];
        for (int i = 0; i < mask.length; i++) {
            flags[i] = mask[i] == label;
        }
        return flags;
    }

    static int area(boolean[] flags) {
        int area = 0;
        for (boolean flag : flags) {
            area += flag ? 1 : 0;
        }
        return area;
    }

    /** Intersection over union without the pixels in {@code hidden}; 1 when both are empty. */
    static double iou(boolean[] a, boolean[] b, boolean[] hidden) {
        int both = 0;
        int either = 0;
        for (int i = 0; i < a.length; i++) {
            if (!hidden[i]) {
                both += a[i] && b[i] ? 1 : 0;
                either += a[i] || b[i] ? 1 : 0;
            }
        }
        return either == 0 ? 1 : (double) both / either;
    }

    /** The centre of mass as {x, y}, or null when nothing is set. */
    static double @org.jspecify.annotations.Nullable [] centre(boolean[] flags, int width) {
        double x = 0;
        double y = 0;
        int area = 0;
        for (int i = 0; i < flags.length; i++) {
            if (flags[i]) {
                x += i % width + .5;
                int row = i / width;
                y += row + .5;
                area++;
            }
        }
        return area == 0 ? null : new double[] {x / area, y / area};
    }

    /** Everything within {@code reach} pixels (a square) of a set pixel. */
    static boolean[] grown(boolean[] flags, int width, int reach) {
        int height = flags.length / width;
        boolean[] rows = new boolean[flags.length];
        boolean[] all = new boolean[flags.length];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int d = -reach; d <= reach && !rows[y * width + x]; d++) {
                    int at = x + d;
                    rows[y * width + x] = at >= 0 && at < width && flags[y * width + at];
                }
            }
        }
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int d = -reach; d <= reach && !all[y * width + x]; d++) {
                    int at = y + d;
                    all[y * width + x] = at >= 0 && at < height && rows[at * width + x];
                }
            }
        }
        return all;
    }
}
