package dev.reelrank.pipeline.stage;

import dev.reelrank.pipeline.BlobRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which candidate won, and why.
 *
 * @param subject the phrase that was segmented, null if none was found
 * @param candidates in the order of the request
 * @param spread max − min of the composites
 * @param contactSheet PNG: frames and scores side by side, null if it was not asked for
 * @param details JSON: the mask, identity by frame, heat maps (docs/ranking.md); null if they were
 *     not asked for
 * @param kept of drafts: their seeds, the best first; how many of them go on, the run's
 *     configuration says. Earlier versions wrote only those that went on. Empty in a ranking of
 *     candidates
 */
public record RankingResult(
        @Nullable String subject,
        String subjectGroup,
        SubjectMask mask,
        List<CandidateScore> candidates,
        Winner winner,
        double spread,
        @Nullable BlobRef contactSheet,
        @Nullable BlobRef details,
        List<Long> kept)
        implements StageResult {
    /** A ranking of candidates. */
    public RankingResult(
            @Nullable String subject,
            String subjectGroup,
            SubjectMask mask,
            List<CandidateScore> candidates,
            Winner winner,
            double spread,
            @Nullable BlobRef contactSheet,
            @Nullable BlobRef details) {
        this(
                subject,
                subjectGroup,
                mask,
                candidates,
                winner,
                spread,
                contactSheet,
                details,
                List.of());
    }

    /**
     * The subject's mask on the reference image.
     *
     * @param used false: the full image was scored instead
     * @param box x0, y0, x1, y1 in pixels of the reference; empty without a mask
     * @param area share of the image, 0..1
     * @param whyNot why the mask was not used, null if it was
     */
    public record SubjectMask(
            boolean used, List<Double> box, double area, @Nullable String whyNot) {
        public SubjectMask {
            box = List.copyOf(box);
        }
    }

    /**
     * How rigid the world of a candidate is.
     *
     * @param metric {@code epipolar_sampson}, {@code geometry_vggt} or {@code geometry_vggt_mse}
     * @param score at least 0, lower is better; null if the video says nothing about it
     * @param reason why there is no score; null if there is one
     * @param term the score as a share, higher is better, 0..1; 0 without a score
     * @param parts what the score was computed from, by name (docs/geometry.md)
     */
    public record GeometryScore(
            String metric,
            @Nullable Double score,
            @Nullable String reason,
            double term,
            Map<String, Double> parts) {
        public GeometryScore {
            parts = Map.copyOf(parts);
        }
    }

    /**
     * Cosines are −1..1, the normalised concentration 0..1.
     *
     * @param duplicateSubject share of the looked-at frames with two separated instances where the
     *     reference has one, 0..1
     * @param motion how far the subject moves as the prompt asks, 0..1: 0.5 for standing still
     *     where it is to go somewhere; null if the prompt asks for nothing that can be seen of its
     *     mask
     * @param geometry the scores that were asked for, in that order; empty if none were
     */
    public record CandidateScore(
            long seed,
            double maskedIdentity,
            double minIdentity,
            double fullIdentity,
            double patchConcentration,
            double patchConcentrationNormalized,
            double temporalConsistency,
            double brightnessDrift,
            double duplicateSubject,
            double composite,
            @Nullable Double motion,
            List<GeometryScore> geometry) {
        public CandidateScore {
            // Null in what was written before there was geometry.
            geometry = geometry == null ? List.of() : List.copyOf(geometry);
        }

        /** Without terms of motion and geometry. */
        public CandidateScore(
                long seed,
                double maskedIdentity,
                double minIdentity,
                double fullIdentity,
                double patchConcentration,
                double patchConcentrationNormalized,
                double temporalConsistency,
                double brightnessDrift,
                double duplicateSubject,
                double composite) {
            this(
                    seed,
                    maskedIdentity,
                    minIdentity,
                    fullIdentity,
                    patchConcentration,
                    patchConcentrationNormalized,
                    temporalConsistency,
                    brightnessDrift,
                    duplicateSubject,
                    composite,
                    null,
                    List.of());
        }
    }

    /**
     * The candidate that was chosen.
     *
     * @param index in the request's candidates
     * @param reason for people
     */
    public record Winner(long seed, int index, String reason) {}

    public RankingResult {
        candidates = List.copyOf(candidates);
        // Null in what was written before there were drafts.
        kept = kept == null ? List.of() : List.copyOf(kept);
    }

    @Override
    public boolean preliminary() {
        return !kept.isEmpty();
    }

    @Override
    public List<BlobRef> blobs() {
        var blobs = new ArrayList<BlobRef>();
        if (contactSheet != null) {
            blobs.add(contactSheet);
        }
        if (details != null) {
            blobs.add(details);
        }
        return blobs;
    }
}
