package dev.reelrank.dqa;

import dev.reelrank.grading.EvidenceKind;
import dev.reelrank.grading.Finding;
import dev.reelrank.grading.prompt.PromptFacts;
import dev.reelrank.grading.spatial.Segmentation;
import dev.reelrank.grading.spatial.Trace;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the phases have found about a video so far.
 *
 * @param facts of the prompt; null before the language phase, unless they were known
 * @param features for the preference model, by name
 * @param arrangement where the prompt's things are; null before perception, and if the prompt names
 *     none
 * @param traces the ways of what acts, by object; empty before motion, and where nothing can be
 *     followed
 */
record Found(
        @Nullable PromptFacts facts,
        Map<EvidenceKind, Finding> findings,
        Map<String, Double> features,
        Benchmark benchmark,
        @Nullable Arrangement arrangement,
        Map<Integer, Trace> traces) {
    Found {
        findings = Map.copyOf(findings);
        traces = Collections.unmodifiableMap(new LinkedHashMap<>(traces));
        features = Collections.unmodifiableMap(new LinkedHashMap<>(features));
    }

    /** Nothing but perhaps the prompt's facts. */
    static Found knowing(@Nullable PromptFacts facts) {
        return new Found(facts, Map.of(), Map.of(), Benchmark.EMPTY, null, Map.of());
    }

    /** Of the first and the last frame, for people who want to see them. */
    List<Segmentation> segmentations() {
        return arrangement == null ? List.of() : arrangement.ends();
    }
}
