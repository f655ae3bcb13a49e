package dev.reelrank.client.run;

import dev.reelrank.client.results.RunView;
import dev.reelrank.client.results.SampleView;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.event.CancelRequested;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.event.RetryRequested;
import dev.reelrank.pipeline.event.SampleUpdated;
import java.time.Clock;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;

/** Asks flow to try samples again, or to go on with them no longer. */
public final class SampleRequests {
    private final Consumer<Event> publisher;
    private final Clock clock;

    /**
     * @param publisher writes an event and returns when it is on its topic
     */
    public SampleRequests(Consumer<Event> publisher, Clock clock) {
        this.publisher = publisher;
        this.clock = clock;
    }

    /** The samples of a run of which something failed, also those that have a video. */
    public static Set<String> failed(RunView run) {
        var ids = new LinkedHashSet<String>();
        run.samples().values().stream()
                .flatMap(s -> s.update().stream())
                .filter(u -> u.status() == SampleUpdated.Status.FAILED || !u.failures().isEmpty())
                .forEach(u -> ids.add(u.sampleId()));
        return ids;
    }

    /**
     * The sample of this id.
     *
     * @throws StageException INVALID_CONFIG if the run has none; the message names those it has
     */
    public static SampleView sample(RunView run, String sampleId) {
        SampleView sample = run.samples().get(sampleId);
        if (sample == null) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "run %s has no sample '%s'; it has %s"
                            .formatted(run.runId(), sampleId, run.samples().keySet()));
        }
        return sample;
    }

    /**
     * Asks for a retry: succeeded work is kept, failed work repeated.
     *
     * @param by who asks, for people
     */
    public void retry(String runId, String sampleId, String by) {
        publisher.accept(new RetryRequested(runId, sampleId, by, clock.instant()));
    }

    /**
     * Asks for the end of a sample that is under way.
     *
     * @param by who asks, for people
     */
    public void cancel(String runId, String sampleId, String by) {
        publisher.accept(new CancelRequested(runId, sampleId, by, clock.instant()));
    }
}
