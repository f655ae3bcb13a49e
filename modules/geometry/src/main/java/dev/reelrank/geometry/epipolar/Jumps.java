package dev.reelrank.geometry.epipolar;

import java.util.ArrayList;
import java.util.List;

/**
 * Finds where a camera is suddenly elsewhere. Two views of a rigid scene fit each other wherever
 * the cameras are, so epipolar geometry alone cannot see this.
 *
 * <p>Looked at are the pairs with the smallest distance. A pair jumps if its points move more than
 * {@value #FACTOR} times as far as the median of the pairs around it (three before, itself, three
 * after) and at least a given length; or if it shares too few points, and less than a quarter of
 * what the pairs around it share. A motion that becomes faster does not jump: the pairs around
 * become faster too.
 */
final class Jumps {
    /** The reason that a pair gives. */
    static final String REASON = "the camera jumps";

    private static final double FACTOR = 2.5;
    private static final int FEWER = 4;
    private static final int AROUND = 3;

    private Jumps() {}

    /**
     * Gives every pair that jumps the distance {@code cap}.
     *
     * @param pairs all pairs of a video, those of the smallest distance first and in their order
     * @param minMatches of a pair that shares enough points
     * @param least way of the points, pixels
     */
    static List<FramePair> marked(List<FramePair> pairs, int minMatches, double least, double cap) {
        int nearest = pairs.stream().mapToInt(Jumps::distance).min().orElse(0);
        int count = (int) pairs.stream().takeWhile(p -> distance(p) == nearest).count();
        List<FramePair> marked = new ArrayList<>(pairs);
        for (int i = 0; i < count; i++) {
            if (jumps(pairs.subList(0, count), i, minMatches, least)) {
                FramePair p = pairs.get(i);
                marked.set(
                        i,
                        new FramePair(
                                p.first(),
                                p.second(),
                                p.matches(),
                                p.displacement(),
                                p.planar(),
                                cap,
                                cap,
                                REASON));
            }
        }
        return marked;
    }

    private static int distance(FramePair pair) {
        return pair.second() - pair.first();
    }

    private static boolean jumps(List<FramePair> pairs, int i, int minMatches, double least) {
        var around = pairs.subList(Math.max(0, i - AROUND), Math.min(pairs.size(), i + AROUND + 1));
        double[] ways =
                around.stream()
                        .filter(p -> p.matches() >= minMatches)
                        .mapToDouble(FramePair::displacement)
                        .sorted()
                        .toArray();
        FramePair pair = pairs.get(i);
        if (2 * ways.length <= around.size()) {
            return false;
        }
        if (pair.matches() < minMatches) {
            int[] shared = around.stream().mapToInt(FramePair::matches).sorted().toArray();
            return FEWER * pair.matches() < shared[shared.length / 2];
        }
        double median = ways[(ways.length - 1) / 2];
        return pair.displacement() >= least && pair.displacement() > FACTOR * median;
    }
}
