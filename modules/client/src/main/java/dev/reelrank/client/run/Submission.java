package dev.reelrank.client.run;

import dev.reelrank.bus.EventPublisher;
import dev.reelrank.client.dataset.Dataset;
import dev.reelrank.client.dataset.Sample;
import dev.reelrank.client.results.RunView;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.FailureCategory;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.RunConfiguration;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.event.RunClosed;
import dev.reelrank.pipeline.event.RunOpened;
import dev.reelrank.pipeline.event.SampleSubmitted;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.video.Images;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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
     * A sample that is ready to be sent.
     *
     * @param prompt as the user wrote it
     * @param image in the store
     * @param subject the subject phrase, null to have it found
     * @param editedPrompt used as it is instead of a written one; null to have one written
     */
    public record Item(
            String sampleId,
            String prompt,
            BlobRef image,
            @Nullable String subject,
            @Nullable String editedPrompt) {}

    /**
     * Opens the run, sends every sample that can be read, closes the submission. Whatever is wrong
     * with one sample, the others go on.
     *
     * @param before the run as the facts have it now, without samples if it is new
     * @throws StageException INVALID_CONFIG if the run exists with another configuration, or a
     *     sample with other content; nothing is sent then
     */
    public Sent send(
            RunView before,
            String submissionId,
            Dataset dataset,
            List<String> ids,
            EditedPrompts edited,
            RunConfiguration configuration) {
        var items = new ArrayList<Item>();
        var refused = new LinkedHashMap<String, StageException>();
        for (String id : ids) {
            try {
                items.add(item(dataset.sample(id), edited));
            } catch (StageException e) {
                if (e.code().category() != FailureCategory.USER) {
                    throw e;
                }
                refused.put(id, e);
            }
        }
        Resubmission.requireSame(before, configuration, items);
        send(before.runId(), submissionId, items, configuration);
        return new Sent(items.stream().map(Item::sampleId).toList(), refused);
    }

    /**
     * The same for samples that are in the store already.
     *
     * @throws StageException INVALID_CONFIG as above
     */
    public void send(
            RunView before, String submissionId, List<Item> items, RunConfiguration configuration) {
        Resubmission.requireSame(before, configuration, items);
        send(before.runId(), submissionId, items, configuration);
    }

    /** Opens the run, sends these samples, closes the submission. */
    public void send(
            String runId, String submissionId, List<Item> items, RunConfiguration configuration) {
        publisher.publish(new RunOpened(runId, configuration, null, clock.instant()));
        var events = new ArrayList<Event>();
        for (Item item : items) {
            events.add(
                    new SampleSubmitted(
                            runId,
                            submissionId,
                            item.sampleId(),
                            item.prompt(),
                            item.image(),
                            item.subject(),
                            item.editedPrompt(),
                            configuration,
                            List.of(),
                            clock.instant()));
        }
        publisher.publish(events);
        publisher.publish(new RunClosed(runId, submissionId, items.size(), clock.instant()));
    }

    private Item item(Sample sample, EditedPrompts edited) {
        // Later readers know only a blob; here an error can name the user's file.
        Images.read(sample.image());
        return new Item(
                sample.id(),
                sample.prompt(),
                store.putBlob(sample.image(), mediaType(sample.image())),
                sample.subject(),
                edited.of(sample.id()).orElse(null));
    }

    private static String mediaType(Path image) {
        String name = image.getFileName().toString().toLowerCase(Locale.ROOT);
        return name.endsWith(".png")
                ? "image/png"
                : name.endsWith(".webp") ? "image/webp" : "image/jpeg";
    }
}
