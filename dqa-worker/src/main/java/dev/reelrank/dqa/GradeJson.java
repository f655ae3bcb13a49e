package dev.reelrank.dqa;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.grading.EvidenceKind;
import dev.reelrank.grading.Verification;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.stage.GradeResult;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Grades as JSON. */
final class GradeJson {
    private static final ObjectMapper JSON = new ObjectMapper();

    private GradeJson() {}

    static ObjectNode of(GradeResult result) {
        ObjectNode node = JSON.createObjectNode();
        node.put("grade", result.grade());
        put(node, "score", result.score());
        node.put("partial", result.partial());
        var verdict = result.verdict();
        node.put("decision", verdict == null ? null : verdict.decision());
        node.put("because", verdict == null ? null : verdict.because());
        node.set("defects", JSON.valueToTree(verdict == null ? List.of() : verdict.defects()));
        ObjectNode evidence = node.putObject("evidence");
        for (var kind : EvidenceKind.values()) {
            var e = Objects.requireNonNull(result.evidence().get(kind.id()), kind.id());
            ObjectNode one = evidence.putObject(kind.id());
            put(one, "score", e.score());
            one.put("weight", e.weight()).put("used", e.used());
            one.set("details", details(e.details()));
        }
        node.put("reasoning", result.reasoning());
        node.put("preferenceVersion", result.preferenceVersion());
        var phases = node.putArray("phases");
        result.phases()
                .forEach(
                        p ->
                                phases.addObject()
                                        .put("phase", p.phase())
                                        .put("loadMillis", p.loadMillis())
                                        .put("runMillis", p.runMillis())
                                        .put("peakMib", p.peakMib()));
        return node;
    }

    static ObjectNode of(Verification v) {
        ObjectNode node = JSON.createObjectNode();
        put(node, "semantic_score", v.semantic());
        put(node, "spatial_score", v.spatial());
        put(node, "benchmark_score", v.benchmark());
        put(node, "prompt_adherence", v.promptAdherence());
        return node.put("reasoning", v.reasoning());
    }

    static ObjectNode of(StageException failure) {
        ObjectNode node = JSON.createObjectNode();
        node.putObject("error")
                .put("code", failure.code().name())
                .put("message", failure.getMessage());
        return node;
    }

    private static void put(ObjectNode node, String name, @Nullable Double value) {
        if (value == null) {
            node.putNull(name);
        } else {
            node.put(name, Details.round(value));
        }
    }

    private static com.fasterxml.jackson.databind.JsonNode details(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("details of evidence are JSON, were " + text, e);
        }
    }
}
