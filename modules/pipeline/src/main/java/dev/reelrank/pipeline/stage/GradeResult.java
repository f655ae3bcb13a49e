package dev.reelrank.pipeline.stage;

import dev.reelrank.pipeline.BlobRef;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The grade of a video and its reasons.
 *
 * @param grade A, A-, B+, B, B-, C or F; null if no evidence could be computed
 * @param score 0..1, null as the grade
 * @param partial some evidence could not be computed
 * @param evidence by name: semantic, spatial, benchmark, preference, visionReward; all five are
 *     always there
 * @param phases what each phase needed, in order
 */
public record GradeResult(
        @Nullable String grade,
        @Nullable Double score,
        boolean partial,
        Map<String, Evidence> evidence,
        String reasoning,
        long preferenceVersion,
        List<PhaseMemory> phases)
        implements StageResult {
    /**
     * One part of the grade.
     *
     * @param score 0..1, null if it could not be computed
     * @param weight 0..1 before renormalisation
     * @param details a JSON object: what the score was computed from
     */
    public record Evidence(@Nullable Double score, double weight, boolean used, String details) {}

    /**
     * Time and memory that a phase of grading took.
     *
     * @param loadMillis time to load its models
     * @param runMillis time to look at all videos of the chunk
     * @param allocatedMib device (or resident) memory at the end of the phase, its models loaded,
     *     MiB
     * @param peakMib most device (or resident) memory, MiB
     */
    public record PhaseMemory(
            String phase, long loadMillis, long runMillis, long allocatedMib, long peakMib) {}

    public GradeResult {
        evidence = Map.copyOf(evidence);
        phases = List.copyOf(phases);
    }

    @Override
    public List<BlobRef> blobs() {
        return List.of();
    }
}
