package dev.reelrank.bench.chaos;

import dev.reelrank.bus.Connection;
import dev.reelrank.bus.EventReader;
import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.pipeline.event.SampleFact;
import dev.reelrank.pipeline.event.SampleUpdated;
import dev.reelrank.pipeline.event.SampleUpdated.Status;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.store.ResultStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Reads facts, as any reader sees them, and lists what is wrong with them.
 *
 * @param lost samples that did not end as they must, with what became of them
 * @param duplicates facts that stand there twice
 * @param halfWritten facts whose blobs are missing or altered
 * @param unfinished samples that have not ended
 */
public record Ledger(
        List<String> lost, List<String> duplicates, List<String> halfWritten, int unfinished) {

    /**
     * @param expected by run and sample, {@code run/sample}
     * @param tampered SHA-256 of blobs that were altered on purpose
     */
    static Ledger of(
            Connection connection,
            ResultStore store,
            Map<String, Expectation> expected,
            Set<String> tampered) {
        var samples = new HashMap<String, SampleUpdated>();
        var facts = new HashSet<String>();
        var duplicates = new ArrayList<String>();
        var halfWritten = new ArrayList<String>();
        var topics = connection.topics();
        var read = new ArrayList<>(List.of(topics.runs(), topics.samples()));
        for (var stage : connection.stages().names()) {
            read.add(topics.facts(stage));
        }
        try (var reader = new EventReader(connection, new EventCodec(), read)) {
            reader.readToEnd(
                    stored -> {
                        if (stored.event() instanceof SampleUpdated update) {
                            samples.put(update.runId() + "/" + update.sampleId(), update);
                        } else if (stored.event() instanceof SampleFact sample) {
                            var id = "sample " + sample.runId() + "/" + sample.sampleId();
                            if (!facts.add(id)) {
                                duplicates.add(id);
                            }
                        } else if (stored.event() instanceof StageFact fact) {
                            var id = fact.work().workId() + " epoch " + fact.work().epoch();
                            if (!facts.add(id)) {
                                duplicates.add(fact.work().stage().id() + " " + id);
                            }
                            for (var blob : fact.result().blobs()) {
                                if (!tampered.contains(blob.sha256()) && !store.holds(blob)) {
                                    halfWritten.add(fact.work() + ": " + blob);
                                }
                            }
                        }
                    });
        }
        var lost = new ArrayList<String>();
        int unfinished = 0;
        for (var entry : new TreeMap<>(expected).entrySet()) {
            var update = samples.get(entry.getKey());
            if (update == null || update.status() == Status.RUNNING) {
                unfinished++;
                lost.add(entry.getKey() + ": " + (update == null ? "never seen" : update));
            } else if (!entry.getValue().fits(update)) {
                lost.add(entry.getKey() + ": " + update + ", expected " + entry.getValue());
            }
        }
        return new Ledger(
                List.copyOf(lost), List.copyOf(duplicates), List.copyOf(halfWritten), unfinished);
    }

    boolean clean() {
        return lost.isEmpty() && duplicates.isEmpty() && halfWritten.isEmpty();
    }
}
