package dev.reelrank.dqa;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.grading.gate.Decision;
import dev.reelrank.grading.gate.Defect;
import dev.reelrank.grading.gate.Gate;
import dev.reelrank.grading.gate.Limit;
import dev.reelrank.grading.gate.Signals;
import dev.reelrank.grading.gate.Verdict;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.stage.Fingerprint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The limits of the gate, as {@code gate.json} beside the folders of the models holds them. Limits
 * belong to the models that measured the values: each file names the fingerprint of the models that
 * it was fitted with, and does not count for others.
 *
 * @param models fingerprint of the models that the limits belong to
 * @param fitted how they were found, for people
 */
public record GateFile(String models, String fitted, Gate gate) {
    /** Its name, in the folder of {@code --models}. */
    public static final String NAME = "gate.json";

    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * Reads the file.
     *
     * @return null if there is none
     * @throws StageException INVALID_CONFIG if it is no such file
     */
    public static @Nullable GateFile read(Path file) {
        if (!Files.isRegularFile(file)) {
            return null;
        }
        try {
            JsonNode root = JSON.readTree(file.toFile());
            var limits = new TreeMap<String, Limit>();
            for (var e : root.path("limits").properties()) {
                limits.put(
                        e.getKey(),
                        new Limit(
                                e.getValue().path("better").asText(),
                                number(e.getValue(), "review"),
                                number(e.getValue(), "reject")));
            }
            return new GateFile(
                    root.path("models").asText(), root.path("fitted").asText(), new Gate(limits));
        } catch (IOException | IllegalArgumentException e) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "%s is no file of gate limits: %s. Fit it again with 'reelrank bench gate --fit'"
                            .formatted(file, e.getMessage()),
                    e);
        }
    }

    private static @Nullable Double number(JsonNode limit, String name) {
        return limit.path(name).isNumber() ? limit.path(name).asDouble() : null;
    }

    /** The text of the file. */
    public String json() {
        ObjectNode root = JSON.createObjectNode();
        root.put("models", models).put("fitted", fitted);
        ObjectNode all = root.putObject("limits");
        gate.limits()
                .forEach(
                        (name, limit) ->
                                all.putObject(name)
                                        .put("better", limit.better())
                                        .put("review", limit.review())
                                        .put("reject", limit.reject()));
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of plain values has a text", e);
        }
    }

    /**
     * Judges with the limits of a file if they belong to these models. Without limits only rules
     * decide, and what they do not reject is to be looked at.
     */
    public static Verdict judge(@Nullable GateFile file, Fingerprint models, Signals signals) {
        if (file != null && file.models().equals(models.sha256())) {
            return file.gate().judge(signals);
        }
        var defects = new ArrayList<>(signals.defects());
        defects.add(
                new Defect(
                        "no limits",
                        null,
                        null,
                        Decision.REVIEW,
                        file == null
                                ? "the gate has no limits for these models: 'reelrank bench gate"
                                        + " --fit' finds them"
                                : "the gate's limits belong to other models: 'reelrank bench gate"
                                        + " --fit' finds those of these"));
        return new Gate(Map.of()).judge(new Signals(signals.measures(), List.copyOf(defects)));
    }
}
