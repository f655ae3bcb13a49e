package dev.reelrank.bench.hostile;

import dev.reelrank.bench.farm.PromptedRun;
import dev.reelrank.bus.Connection;
import dev.reelrank.bus.EventPublisher;
import dev.reelrank.bus.EventReader;
import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.client.run.Submission;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.event.SampleUpdated;
import dev.reelrank.pipeline.store.ResultStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Samples of people who mean well: what was sent when, and how it ended. */
final class HealthySamples implements AutoCloseable {
    private final EventPublisher publisher;
    private final ResultStore store;
    private final EventReader runs;
    private final BlobRef image;
    private final Map<String, Instant> sent = new LinkedHashMap<>();
    private final Map<String, SampleUpdated> ended = new LinkedHashMap<>();
    private int count;

    HealthySamples(Connection connection, EventPublisher publisher, ResultStore store) {
        this.publisher = publisher;
        this.store = store;
        this.runs =
                new EventReader(connection, new EventCodec(), List.of(connection.topics().runs()));
        this.image = store.putBlob(HostileClient.picture(), "image/png");
    }

    /** Sends a run of two samples; one of them every run has, so that its results are found. */
    void send() {
        var run =
                PromptedRun.of(
                        Map.of("same", "the same in every run", "own", "of run " + count++),
                        List.of(1L, 2L));
        var items = new ArrayList<Submission.Item>();
        run.prompts()
                .forEach((id, text) -> items.add(new Submission.Item(id, text, image, null, null)));
        new Submission(publisher, store, Clock.systemUTC())
                .send(run.runId(), UUID.randomUUID().toString(), items, run.configuration());
        run.prompts().keySet().forEach(id -> sent.put(run.runId() + "/" + id, Instant.now()));
    }

    /** Takes in what has become of them. */
    void look(Duration wait) {
        for (var stored : runs.poll(wait)) {
            if (stored.event() instanceof SampleUpdated update
                    && update.status() != SampleUpdated.Status.RUNNING
                    && sent.containsKey(stored.key())) {
                ended.put(stored.key(), update);
            }
        }
    }

    int sent() {
        return sent.size();
    }

    /** Whether all have ended. */
    boolean all() {
        return ended.size() == sent.size();
    }

    /** Those that have not ended, or not well, with what became of them. */
    List<String> lost() {
        var lost = new ArrayList<String>();
        for (String key : sent.keySet()) {
            SampleUpdated update = ended.get(key);
            if (update == null) {
                lost.add(key + ": has not ended");
            } else if (update.status() != SampleUpdated.Status.DONE || update.partial()) {
                lost.add(key + ": " + update);
            }
        }
        return lost;
    }

    /** Seconds from each one's submission to its end, of those that ended. */
    List<Double> seconds() {
        return ended.entrySet().stream()
                .map(
                        e ->
                                Duration.between(sent.get(e.getKey()), e.getValue().at()).toMillis()
                                        / 1000.0)
                .toList();
    }

    @Override
    public void close() {
        runs.close();
    }
}
