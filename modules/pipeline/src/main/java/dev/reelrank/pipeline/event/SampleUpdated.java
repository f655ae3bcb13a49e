package dev.reelrank.pipeline.event;

import dev.reelrank.pipeline.StageName;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How far a sample is; on the compacted topic {@code runs} under {@code run/sample}.
 *
 * @param partial some seeds failed
 * @param stage the furthest stage with an outcome or under way
 * @param failures of its seeds, of its grading, or what made it fail (then the last)
 * @param lost time of devices that came to nothing, by stage and kind of device
 * @param restsOn once it has ended: the facts that its end rests on, each work's id with the epoch
 *     of its fact. They are on other topics, so a reader may see them later. Empty before, and in
 *     what older builds wrote
 */
public record SampleUpdated(
        String runId,
        String sampleId,
        Status status,
        boolean partial,
        int epoch,
        StageName stage,
        List<SampleFailure> failures,
        Instant at,
        List<LostTime> lost,
        Map<String, Integer> restsOn)
        implements Event {
    /** One that does not say what it rests on. */
    public SampleUpdated(
            String runId,
            String sampleId,
            Status status,
            boolean partial,
            int epoch,
            StageName stage,
            List<SampleFailure> failures,
            Instant at,
            List<LostTime> lost) {
        this(runId, sampleId, status, partial, epoch, stage, failures, at, lost, Map.of());
    }

    /** The same, which lost no time either. */
    public SampleUpdated(
            String runId,
            String sampleId,
            Status status,
            boolean partial,
            int epoch,
            StageName stage,
            List<SampleFailure> failures,
            Instant at) {
        this(runId, sampleId, status, partial, epoch, stage, failures, at, List.of());
    }

    /** The life of a sample. A retry leads back to RUNNING. */
    public enum Status {
        RUNNING,
        DONE,
        FAILED
    }

    public SampleUpdated {
        failures = List.copyOf(failures);
        // Null in state that was kept before they were written.
        lost = lost == null ? List.of() : List.copyOf(lost);
        restsOn = restsOn == null ? Map.of() : Map.copyOf(restsOn);
    }

    /** What made the sample fail, null unless it did. */
    public @Nullable SampleFailure failure() {
        return status == Status.FAILED && !failures.isEmpty()
                ? failures.get(failures.size() - 1)
                : null;
    }
}
