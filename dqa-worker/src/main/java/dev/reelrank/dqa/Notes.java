package dev.reelrank.dqa;

import dev.reelrank.grading.EvidenceKind;
import dev.reelrank.grading.Finding;
import dev.reelrank.grading.benchmark.Dimension;
import dev.reelrank.grading.prompt.PromptFacts;
import dev.reelrank.grading.spatial.Trace;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one phase writes down while it looks at one video. It begins with what the phases before
 * have found, and belongs to that look alone.
 */
final class Notes {
    private final Map<EvidenceKind, Finding> findings = new EnumMap<>(EvidenceKind.class);
    private final Map<String, Double> features;
    private final List<Dimension> dimensions;
    private final Map<String, Double> reported;
    private final Map<String, String> missed;
    private @Nullable PromptFacts facts;
    private @Nullable Arrangement arrangement;
    private final Map<Integer, Trace> traces;

    Notes(Found before) {
        findings.putAll(before.findings());
        features = new LinkedHashMap<>(before.features());
        dimensions = new ArrayList<>(before.benchmark().dimensions());
        reported = new LinkedHashMap<>(before.benchmark().reported());
        missed = new LinkedHashMap<>(before.benchmark().missed());
        facts = before.facts();
        arrangement = before.arrangement();
        traces = new LinkedHashMap<>(before.traces());
    }

    void finding(EvidenceKind kind, Finding finding) {
        findings.put(kind, finding);
    }

    void feature(String name, double value) {
        features.put(name, value);
    }

    /** A dimension of the benchmark evidence. */
    void dimension(Dimension dimension) {
        dimensions.add(dimension);
    }

    /** A measure that is shown but has no score. */
    void report(String name, double value) {
        reported.put(name, value);
    }

    /** A dimension that this video does not allow to compute. */
    void miss(String name, String why) {
        missed.put(name, why);
    }

    void facts(PromptFacts read) {
        facts = read;
    }

    void arrangement(Arrangement seen) {
        arrangement = seen;
    }

    /** The way of an object. */
    void trace(int object, Trace followed) {
        traces.put(object, followed);
    }

    Found found() {
        return new Found(
                facts,
                findings,
                features,
                new Benchmark(dimensions, reported, missed),
                arrangement,
                traces);
    }
}
