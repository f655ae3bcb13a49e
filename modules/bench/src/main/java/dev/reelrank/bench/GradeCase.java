package dev.reelrank.bench;

import dev.reelrank.testbed.Corruption;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One graded clip of a scene.
 *
 * @param index of the scene in its split
 * @param corruption null for the clean clip
 * @param evidence scores by kind, 0..1; a kind that could not be computed is absent
 * @param raw the benchmark's dimensions as their formulas give them
 */
record GradeCase(
        int index,
        @Nullable Corruption corruption,
        Map<String, Double> evidence,
        Map<String, Double> raw) {
    GradeCase {
        evidence = Map.copyOf(evidence);
        raw = Map.copyOf(raw);
    }

    boolean isCleanOf(int scene) {
        return corruption == null && index == scene;
    }

    /** The same clip with what was also found out of it. */
    GradeCase with(GradeCase more) {
        var scores = new HashMap<>(evidence);
        scores.putAll(more.evidence);
        var measures = new HashMap<>(raw);
        measures.putAll(more.raw);
        return new GradeCase(index, corruption, scores, measures);
    }
}
