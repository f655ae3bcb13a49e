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

    private static final double VISIBLE = 0.05;

    private final Scene scene;
    private final Truth truth;
    private final Map<String, Double> wanted;

    /** Clips of one scene. */
    ClipFigures(Scene scene, Truth truth) {
        this.scene = scene;
        this.truth = truth;
        wanted = ClipMetrics.of(truth.clip().frames());
    }

    Map<String, Double> of(List<RgbImage> clip) {
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
        figures.putAll(ClipMetrics.of(clip));
        wanted.forEach((metric, value) -> figures.put("true_" + metric, value));
        return figures;
    }
}
