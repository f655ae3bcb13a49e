package dev.reelrank.client.results;

import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.event.RunUpdated;
import dev.reelrank.pipeline.event.SampleFact;
import dev.reelrank.pipeline.event.SampleUpdated;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.stage.Stages;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the facts say about one run. Feed it events in any order and as often as you like. */
public final class RunView {
    private final String runId;
    private final SortedMap<String, SampleView> samples = new TreeMap<>();
    private @Nullable RunUpdated run;

    public RunView(String runId) {
        this.runId = runId;
    }

    public String runId() {
        return runId;
    }

    /**
     * Takes an event into account; those of other runs are passed over.
     *
     * @return the sample it was about, if it is one of this run
     */
    public Optional<SampleView> apply(Event event) {
        if (event instanceof RunUpdated update && update.runId().equals(runId)) {
            run = update;
            return Optional.empty();
        }
        if (event instanceof SampleFact fact && fact.runId().equals(runId)) {
            var sample = sample(fact.sampleId());
            sample.take(fact);
            return Optional.of(sample);
        }
        if (event instanceof StageFact fact
                && fact.work().runId().equals(runId)
                && Stages.STANDARD.of(fact.work().stage()).ofSample()) {
            var sample = sample(fact.work().sampleId());
            sample.take(fact);
            return Optional.of(sample);
        }
        if (event instanceof SampleUpdated update && update.runId().equals(runId)) {
            var sample = sample(update.sampleId());
            sample.take(update);
            return Optional.of(sample);
        }
        return Optional.empty();
    }

    /** By id. */
    public SortedMap<String, SampleView> samples() {
        return samples;
    }

    /** The latest word on the run as a whole, empty before it was opened. */
    public Optional<RunUpdated> run() {
        return Optional.ofNullable(run);
    }

    /** Whether a user deleted it. */
    public boolean deleted() {
        return run != null && run.status() == RunUpdated.Status.DELETED;
    }

    public boolean done() {
        return run != null && run.status() == RunUpdated.Status.DONE;
    }

    /**
     * Whether these submissions are counted and each of these samples has ended since.
     *
     * @param submissions that flow must have taken in
     * @param sampleIds of the run
     */
    public boolean ended(Set<String> submissions, Collection<String> sampleIds) {
        return run != null
                && run.submissions().containsAll(submissions)
                && sampleIds.stream()
                        .allMatch(id -> samples.containsKey(id) && samples.get(id).terminal());
    }

    private SampleView sample(String id) {
        return samples.computeIfAbsent(id, SampleView::new);
    }
}
