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
 * @param verdict whether to keep the video; null in results of builds that did not decide
 */
public record GradeResult(
        @Nullable String grade,
        @Nullable Double score,
        boolean partial,
        Map<String, Evidence> evidence,
        String reasoning,
        long preferenceVersion,
        List<PhaseMemory> phases,
        @Nullable Verdict verdict)
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
     * What to do with the video, beside its letter: one clear defect rejects it whatever the mean.
     *
     * @param decision keep, review or reject
     * @param because the finding that decided it, one sentence
     * @param defects all that speaks against the video, the deciding one first
     */
    public record Verdict(String decision, String because, List<Defect> defects) {
        public Verdict {
            defects = List.copyOf(defects);
        }
    }

    /**
     * Something that speaks against the video.
     *
     * @param measure what was measured, or the rule that found it
     * @param value what was measured, null for a rule
     * @param limit the threshold that it passed, null for a rule
     * @param decision what it calls for: review or reject
     * @param text one sentence
     */
    public record Defect(
            String measure,
            @Nullable Double value,
            @Nullable Double limit,
            String decision,
            String text) {}

    /** Whether the video is to be kept; false also where nothing was decided. */
    public boolean keep() {
        return verdict != null && verdict.decision().equals("keep");
    }

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

    /** A result without a decision, as older builds made them. */
    public GradeResult(
            @Nullable String grade,
            @Nullable Double score,
            boolean partial,
            Map<String, Evidence> evidence,
            String reasoning,
            long preferenceVersion,
            List<PhaseMemory> phases) {
        this(grade, score, partial, evidence, reasoning, preferenceVersion, phases, null);
    }

    @Override
    public List<BlobRef> blobs() {
        return List.of();
    }
}
