package dev.reelrank.flow.sample;

import dev.reelrank.flow.work.Phase;
import dev.reelrank.flow.work.WorkState;
import dev.reelrank.pipeline.event.SampleFailure;
import dev.reelrank.pipeline.event.SampleSubmitted;
import dev.reelrank.pipeline.event.SampleUpdated;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A sample of a run as flow remembers it.
 *
 * @param submission as it came first, without the facts it inherited, under the id of the
 *     submission that brought it last; null once the payload has been removed
 * @param told what readers of {@code runs} know about it; its epoch counts how often the sample was
 *     reopened
 * @param repairs lost inputs made again since it was last submitted or retried
 * @param beyondRepair why it failed although its stages did not: an input was lost too often, or a
 *     user cancelled it
 * @param works by work id, in the order in which they came up; empty once the payload has been
 *     removed
 * @param trace the W3C trace parent of the last request, null without one
 */
public record SampleState(
        @Nullable SampleSubmitted submission,
        SampleUpdated told,
        int repairs,
        @Nullable SampleFailure beyondRepair,
        Map<String, WorkState> works,
        @Nullable String trace) {
    public SampleState(
            @Nullable SampleSubmitted submission,
            SampleUpdated told,
            int repairs,
            @Nullable SampleFailure beyondRepair,
            Map<String, WorkState> works) {
        this(submission, told, repairs, beyondRepair, works, null);
    }

    public SampleState {
        Objects.requireNonNull(told, "told is null");
        works = Collections.unmodifiableMap(new LinkedHashMap<>(works));
    }

    /** Run and sample, as topics and stores are keyed. */
    public String key() {
        return told.runId() + "/" + told.sampleId();
    }

    /** Done or failed. */
    public boolean terminal() {
        return told.status() != SampleUpdated.Status.RUNNING;
    }

    /** Work that is on a queue or with a worker. */
    public List<WorkState> open() {
        return works.values().stream().filter(w -> w.is(Phase.OPEN)).toList();
    }

    /** The same, as part of a trace. */
    public SampleState withTrace(@Nullable String parent) {
        return new SampleState(submission, told, repairs, beyondRepair, works, parent);
    }

    /** The same, brought by another submission. */
    SampleState submittedBy(String submissionId) {
        var s = Objects.requireNonNull(submission, "the payload has been removed");
        var renamed =
                new SampleSubmitted(
                        s.runId(),
                        submissionId,
                        s.sampleId(),
                        s.originalPrompt(),
                        s.image(),
                        s.subject(),
                        s.userPrompt(),
                        s.configuration(),
                        s.inherited(),
                        s.at());
        return new SampleState(renamed, told, repairs, beyondRepair, works);
    }

    /**
     * Status and epoch without the rest, for samples of runs that are long done: a late outcome or
     * a second submission still finds that the sample was there.
     */
    public SampleState withoutPayload() {
        return new SampleState(null, told, repairs, beyondRepair, Map.of());
    }
}
