package dev.reelrank.client.run;

import dev.reelrank.bus.EventPublisher;
import dev.reelrank.client.dataset.Dataset;
import dev.reelrank.client.dataset.Sample;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.RunConfiguration;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.event.RunClosed;
import dev.reelrank.pipeline.event.RunOpened;
import dev.reelrank.pipeline.event.SampleSubmitted;
import dev.reelrank.pipeline.store.ResultStore;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Sends samples of a dataset into a run. Sending the same submission again changes nothing. */
public final class Submission {
    private final EventPublisher publisher;
    private final ResultStore store;
    private final Clock clock;

    public Submission(EventPublisher publisher, ResultStore store, Clock clock) {
        this.publisher = publisher;
        this.store = store;
        this.clock = clock;
    }

    /**
     * What became of it.
     *
     * @param sent ids that are part of the run now
     * @param refused by id: why it could not even be submitted
     */
    public record Sent(List<String> sent, Map<String, StageException> refused) {}

    /**
     * Opens the run, sends every sample that can be read, closes the submission. Whatever is wrong
     * with one sample, the others go on.
     */
    public Sent send(
            String runId,
            String submissionId,
            Dataset dataset,
            List<String> ids,
            EditedPrompts edited,
            RunConfiguration configuration) {
        publisher.publish(new RunOpened(runId, configuration, null, clock.instant()));
        var sent = new ArrayList<String>();
        var refused = new LinkedHashMap<String, StageException>();
        List<Event> events = new ArrayList<>();
        for (String id : ids) {
            try {
                events.add(event(runId, submissionId, dataset.sample(id), edited, configuration));
                sent.add(id);
            } catch (StageException e) {
                if (e.code().category() != dev.reelrank.pipeline.FailureCategory.USER) {
                    throw e;
                }
                refused.put(id, e);
            }
        }
        publisher.publish(events);
        publisher.publish(new RunClosed(runId, submissionId, sent.size(), clock.instant()));
        return new Sent(sent, refused);
    }

    private SampleSubmitted event(
            String runId,
            String submissionId,
            Sample sample,
            EditedPrompts edited,
            RunConfiguration configuration) {
        BlobRef image = store.putBlob(sample.image(), mediaType(sample.image()));
        return new SampleSubmitted(
                runId,
                submissionId,
                sample.id(),
                sample.prompt(),
                image,
                sample.subject(),
                edited.of(sample.id()).orElse(null),
                configuration,
                List.of(),
                clock.instant());
    }

    private static String mediaType(Path image) {
        String name = image.getFileName().toString().toLowerCase(Locale.ROOT);
        return name.endsWith(".png")
                ? "image/png"
                : name.endsWith(".webp") ? "image/webp" : "image/jpeg";
    }
}
