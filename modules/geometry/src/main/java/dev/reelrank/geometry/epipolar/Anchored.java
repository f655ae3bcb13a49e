package dev.reelrank.geometry.epipolar;

import java.util.Arrays;

/**
 * Finds matches that are anchored to the picture: they stand still where the others move.
 *
 * <p>A match stands still if it moves by less than {@value #STILL} of the median way, or by less
 * than {@value #EXACT} pixels. That alone is no fault: the point that a camera moves towards stands
 * still, and what it turns around. There the way grows steadily with the distance from that point,
 * so two to eight times as many matches move one to three times as far as that limit. Around
 * something anchored hardly any do. So a match counts if near it at least {@value #COMPANY} stand
 * still, itself included, and at most half as many move a little.
 *
 * <p>Where a camera rolls, what slides along turns around the middle of the picture like all the
 * rest. So the ways are looked at twice, as they are and with the picture turned back, and the
 * reading with more anchored matches counts.
 */
final class Anchored {
    private static final double STILL = 0.1;

    /** Features are not found more exactly, pixels. */
    private static final double EXACT = 0.5;

    /** Nothing is said to stand still where the median way is shorter, pixels. */
    private static final double MOVES = 5 * EXACT;

    private static final double LITTLE = 3;
    private static final int COMPANY = 3;

    /** How far away a match is near, as a share of the longer side. */
    private static final double NEAR = 0.15;

    private Anchored() {}

    /**
     * Which matches are anchored, in their order.
     *
     * @param width of the frames, pixels
     * @param height of the frames, pixels
     */
    static boolean[] of(PointMatches matches, int width, int height) {
        double near = NEAR * Math.max(width, height);
        boolean[] asIs = among(matches, matches.ways(width, height, 0), near);
        double turned = TwoViews.turned(matches);
        boolean[] back = among(matches, matches.ways(width, height, turned), near);
        return count(back) > count(asIs) ? back : asIs;
    }

    private static int count(boolean[] anchored) {
        int count = 0;
        for (boolean one : anchored) {
            count += one ? 1 : 0;
        }
        return count;
    }

    private static boolean[] among(PointMatches matches, double[] ways, double near) {
        boolean[] anchored = new boolean[ways.length];
        double[] sorted = ways.clone();
        Arrays.sort(sorted);
        double median = sorted.length == 0 ? 0 : sorted[sorted.length / 2];
        if (median < MOVES) {
            return anchored;
        }
        double limit = Math.max(EXACT, STILL * median);
        for (int i = 0; i < ways.length; i++) {
            anchored[i] = ways[i] < limit && stands(matches, ways, i, limit, near);
        }
        return anchored;
    }

    private static boolean stands(
            PointMatches matches, double[] ways, int i, double limit, double near) {
        int still = 0;
        int little = 0;
        for (int j = 0; j < ways.length; j++) {
            if (ways[j] < LITTLE * limit && matches.apart(i, j) < near) {
                if (ways[j] < limit) {
                    still++;
                } else {
                    little++;
                }
            }
        }
        return still >= COMPANY && 2 * little <= still;
    }
}
