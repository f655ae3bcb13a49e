package dev.reelrank.client.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.client.results.RunView;
import dev.reelrank.client.results.SampleView;
import dev.reelrank.client.run.Submission.Item;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.RunConfiguration;
import dev.reelrank.pipeline.event.SampleFact;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;

/**
 * Sending more samples into a run that exists. A run has one configuration, and each of its samples
 * one content: other ones would show the old results under the new settings.
 */
final class Resubmission {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Resubmission() {}

    /**
     * @param before the run as it is; empty if there is none of this id
     * @throws StageException INVALID_CONFIG with every difference and both ways out
     */
    static void requireSame(RunView before, RunConfiguration configuration, List<Item> items) {
        if (before.deleted()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "run %s was deleted: begin a new run with another --run (or none)"
                            .formatted(before.runId()));
        }
        var differences = new ArrayList<String>();
        before.run()
                .ifPresent(
                        run ->
                                compare(
                                        "",
                                        JSON.valueToTree(run.configuration()),
                                        JSON.valueToTree(configuration),
                                        differences));
        for (Item item : items) {
            SampleView known = before.samples().get(item.sampleId());
            if (known != null && known.sample().isPresent()) {
                compare(known.sample().get(), item, differences);
            }
        }
        if (!differences.isEmpty()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "run %s exists with other settings:\n  %s\nuse the same settings, or start a new run with another --run, or without --run"
                            .formatted(before.runId(), String.join("\n  ", differences)));
        }
    }

    private static void compare(SampleFact known, Item now, List<String> differences) {
        var changed = new ArrayList<String>();
        if (!known.originalPrompt().equals(now.prompt())) {
            changed.add("prompt");
        }
        if (!known.image().sha256().equals(now.image().sha256())) {
            changed.add("image");
        }
        if (!Objects.equals(known.subject(), now.subject())) {
            changed.add("subject");
        }
        if (!Objects.equals(known.userPrompt(), now.editedPrompt())) {
            changed.add("edited prompt");
        }
        if (!changed.isEmpty()) {
            differences.add(
                    "sample %s has another %s than when it was submitted"
                            .formatted(now.sampleId(), String.join(", ", changed)));
        }
    }

    private static void compare(
            String key, JsonNode known, JsonNode now, List<String> differences) {
        if (!known.isObject() || !now.isObject()) {
            if (!known.equals(now)) {
                differences.add(
                        "%s is %s in the run, here %s".formatted(key, shown(known), shown(now)));
            }
            return;
        }
        var names = new TreeSet<String>();
        known.fieldNames().forEachRemaining(names::add);
        now.fieldNames().forEachRemaining(names::add);
        for (String name : names) {
            compare(
                    key.isEmpty() ? name : key + "." + name,
                    known.path(name),
                    now.path(name),
                    differences);
        }
    }

    private static String shown(JsonNode value) {
        return value.isNull() || value.isMissingNode() ? "not set" : value.toString();
    }
}
