package dev.reelrank.bench.align.result;

import dev.reelrank.alignment.compare.ClipMetrics;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.testbed.Scene;
import dev.reelrank.testbed.Truth;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a clip is worth beside the truth of its scene, and what its frames say by themselves. */
final class ClipFigures {
    /** Mean share of a second, half-transparent subject, 0..1 ({@link Truth#ghost}). */
    static final String GHOST = "ghost";

    /** Whether a person sees a ghost: 1 from a share of {@value #VISIBLE} on. */
    static final String GHOSTED = "ghosted";

    /** Whether kind and colour of the subject are right. */
    static final String APPEARANCE = "appearance";

    /** Whether the prompt's action is the nearest. */
    static final String ACTION = "action";

    /** {@link ClipMetrics#MOTION} over the truth's. */
    static final String MOTION_OF_TRUTH = "motion_of_truth";

    /** {@link ClipMetrics#FRAME_DIFFERENCE} over the truth's. */
    static final String DIFFERENCE_OF_TRUTH = "frame_difference_of_truth";

    private static final double VISIBLE = 0.05;

    private ClipFigures() {}

    static Map<String, Double> of(Scene scene, Truth truth, List<RgbImage> clip) {
        var figures = new LinkedHashMap<String, Double>();
        double ghost = truth.ghost(clip);
        figures.put(GHOST, ghost);
        figures.put(GHOSTED, ghost >= VISIBLE ? 1.0 : 0.0);
        boolean asAsked =
                truth.appearances(clip).stream()
                        .allMatch(s -> s.is(scene.first().kind(), scene.first().colour()));
        figures.put(APPEARANCE, asAsked ? 1.0 : 0.0);
        figures.put(ACTION, truth.nearestAction(clip) == scene.action() ? 1.0 : 0.0);
        figures.put("quality", truth.quality(clip));
        var own = ClipMetrics.of(clip);
        var wanted = ClipMetrics.of(truth.clip().frames());
        figures.putAll(own);
        wanted.forEach((metric, value) -> figures.put("true_" + metric, value));
        return figures;
    }
}
