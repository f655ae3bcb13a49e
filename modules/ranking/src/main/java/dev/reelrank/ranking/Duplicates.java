package dev.reelrank.ranking;

import dev.reelrank.pipeline.Box;
import java.util.List;

/** Whether a frame shows the subject twice. */
public final class Duplicates {
    /** An instance counts beside a larger one from this share of its area on. */
    static final double COMPARABLE = 0.25;

    /** Two instances are apart when their boxes share at most this much of the smaller one. */
    static final double SHARED = 0.2;

    private Duplicates() {}

    /**
     * How many separated instances there are: taken largest first, each counts that is comparable
     * with the largest and apart from all that count already.
     *
     * @param boxes of the instances' masks, in any order
     */
    public static int separated(List<Box> boxes) {
        var bySize =
                boxes.stream()
                        .filter(b -> b.area() > 0)
                        .sorted((a, b) -> Double.compare(b.area(), a.area()))
                        .toList();
        var counted = new java.util.ArrayList<Box>();
        for (var box : bySize) {
            boolean comparable = box.area() >= COMPARABLE * bySize.get(0).area();
            if (comparable && counted.stream().allMatch(other -> apart(box, other))) {
                counted.add(box);
            }
        }
        return counted.size();
    }

    /**
     * Share of the segmented frames with two or more separated instances, 0..1; 0 when the
     * reference shows several itself or nothing was segmented.
     *
     * @param reference separated instances in the reference
     * @param frames separated instances of each segmented frame
     */
    public static double share(int reference, List<Integer> frames) {
        if (reference != 1 || frames.isEmpty()) {
            return 0;
        }
        return (double) frames.stream().filter(n -> n >= 2).count() / frames.size();
    }

    private static boolean apart(Box a, Box b) {
        double across = Math.min(a.x1(), b.x1()) - Math.max(a.x0(), b.x0());
        double down = Math.min(a.y1(), b.y1()) - Math.max(a.y0(), b.y0());
        double shared = Math.max(0, across) * Math.max(0, down);
        return shared <= SHARED * Math.min(a.area(), b.area());
    }
}
