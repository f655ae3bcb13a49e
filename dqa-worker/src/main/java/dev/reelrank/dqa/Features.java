package dev.reelrank.dqa;

import java.util.List;
import java.util.Map;

/**
 * The features of a video for the preference model: a few numbers from frozen models and from its
 * motion.
 */
final class Features {
    /** In this order. */
    static final List<String> NAMES =
            List.of(
                    "subjectConsistency",
                    "likeness",
                    "textSimilarity",
                    "steadiness",
                    "smoothness",
                    "warpingError",
                    "speed",
                    "brightness");

    private Features() {}

    /** Whether all of them could be computed: a video of one frame has no motion. */
    static boolean complete(Map<String, Double> values) {
        return values.keySet().containsAll(NAMES);
    }

    static double[] vector(Map<String, Double> values, List<String> names) {
        return names.stream().mapToDouble(values::get).toArray();
    }
}
