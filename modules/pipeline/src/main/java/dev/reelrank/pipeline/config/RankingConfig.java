package dev.reelrank.pipeline.config;

import dev.reelrank.pipeline.InKeyWhenSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How candidates are ranked.
 *
 * @param frames scored frames per candidate, always including the first and the last, 1..1024
 * @param maskFrames segmented frames per candidate, 0 (the reference only) ..frames
 * @param minSpread composites closer than this are no choice: the default wins, 0..1
 * @param maxAspect a mask whose box is longer than this, either way, is not used, 1..1000
 * @param minArea smallest share of the image a mask may have, 0..1
 * @param maxArea largest share, 0..1
 * @param instanceThreshold SAM3's score of an instance, 0..1
 * @param maskThreshold SAM3's probability of a pixel, 0..1
 * @param concentrationCentre null: from the DINOv3 manifest
 * @param concentrationScale null: from the DINOv3 manifest
 * @param explain also make the contact sheet
 * @param geometry the {@link #GEOMETRY_SCORES} that are measured, the first is the term of the
 *     composite; empty for none, or for {@code epipolar_sampson} where geometry has a weight
 */
public record RankingConfig(
        int frames,
        int maskFrames,
        Weights weights,
        double minSpread,
        double maxAspect,
        double minArea,
        double maxArea,
        double instanceThreshold,
        double maskThreshold,
        @Nullable Double concentrationCentre,
        @Nullable Double concentrationScale,
        boolean explain,
        @InKeyWhenSet List<String> geometry)
        implements StageConfig {
    /** What can be asked for. */
    public static final List<String> GEOMETRY_SCORES =
            List.of("epipolar_sampson", "geometry_vggt", "geometry_vggt_mse");

    /**
     * Weights of the composite; drift and duplicates are subtracted.
     *
     * @param identity of the masked identity
     * @param concentration of the normalised patch concentration
     * @param temporal of the temporal consistency
     * @param brightnessDrift subtracted, 0 by default
     * @param duplicateSubject subtracted, 0 by default
     * @param motion of the motion term; null for 0
     * @param geometry of the geometry term; null for 0
     */
    public record Weights(
            double identity,
            double concentration,
            double temporal,
            double brightnessDrift,
            double duplicateSubject,
            @InKeyWhenSet @Nullable Double motion,
            @InKeyWhenSet @Nullable Double geometry) {
        public Weights {
            Check.range("ranking.weights.identity", identity, 0, 1);
            Check.range("ranking.weights.concentration", concentration, 0, 1);
            Check.range("ranking.weights.temporal", temporal, 0, 1);
            Check.range("ranking.weights.brightnessDrift", brightnessDrift, 0, 1);
            Check.range("ranking.weights.duplicateSubject", duplicateSubject, 0, 1);
            if (motion != null) {
                Check.range("ranking.weights.motion", motion, 0, 1);
            }
            if (geometry != null) {
                Check.range("ranking.weights.geometry", geometry, 0, 1);
            }
        }

        /** Without the terms of motion and geometry. */
        public Weights(
                double identity,
                double concentration,
                double temporal,
                double brightnessDrift,
                double duplicateSubject) {
            this(identity, concentration, temporal, brightnessDrift, duplicateSubject, null, null);
        }
    }

    public RankingConfig {
        Check.range("ranking.frames", frames, 1, 1024);
        Check.range("ranking.maskFrames", maskFrames, 0, 1024);
        Check.range("ranking.minSpread", minSpread, 0, 1);
        Check.range("ranking.maxAspect", maxAspect, 1, 1000);
        Check.range("ranking.minArea", minArea, 0, 1);
        Check.range("ranking.maxArea", maxArea, minArea, 1);
        Check.range("ranking.instanceThreshold", instanceThreshold, 0, 1);
        Check.range("ranking.maskThreshold", maskThreshold, 0, 1);
        if (concentrationScale != null) {
            Check.range("ranking.concentrationScale", concentrationScale, 1e-6, 1e6);
        }
        // Null in what was written before there was geometry.
        geometry = geometry == null ? List.of() : List.copyOf(geometry);
        for (String score : geometry) {
            Check.that(
                    GEOMETRY_SCORES.contains(score),
                    "ranking.geometry",
                    score,
                    "a list of " + String.join(", ", GEOMETRY_SCORES));
        }
        Check.that(
                Set.copyOf(geometry).size() == geometry.size(),
                "ranking.geometry",
                String.join(", ", geometry),
                "a list without repetitions");
    }

    /** The same with another number of scored and of segmented frames. */
    public RankingConfig withFrames(int scored, int segmented) {
        return new RankingConfig(
                scored,
                segmented,
                weights,
                minSpread,
                maxAspect,
                minArea,
                maxArea,
                instanceThreshold,
                maskThreshold,
                concentrationCentre,
                concentrationScale,
                explain,
                geometry);
    }

    /** The same with other weights. */
    public RankingConfig withWeights(Weights others) {
        return new RankingConfig(
                frames,
                maskFrames,
                others,
                minSpread,
                maxAspect,
                minArea,
                maxArea,
                instanceThreshold,
                maskThreshold,
                concentrationCentre,
                concentrationScale,
                explain,
                geometry);
    }

    /** The same that uses every mask of an instance above a score, whatever its shape. */
    public RankingConfig withEveryMask(double threshold) {
        return new RankingConfig(
                frames,
                maskFrames,
                weights,
                minSpread,
                1000,
                0,
                1,
                threshold,
                maskThreshold,
                concentrationCentre,
                concentrationScale,
                explain,
                geometry);
    }

    /** The same with or without the contact sheet. */
    public RankingConfig withExplain(boolean sheet) {
        return new RankingConfig(
                frames,
                maskFrames,
                weights,
                minSpread,
                maxAspect,
                minArea,
                maxArea,
                instanceThreshold,
                maskThreshold,
                concentrationCentre,
                concentrationScale,
                sheet,
                geometry);
    }

    /** The same with some of the {@link #GEOMETRY_SCORES}. */
    public RankingConfig withGeometry(List<String> scores) {
        return new RankingConfig(
                frames,
                maskFrames,
                weights,
                minSpread,
                maxAspect,
                minArea,
                maxArea,
                instanceThreshold,
                maskThreshold,
                concentrationCentre,
                concentrationScale,
                explain,
                scores);
    }

    /** What is measured of the geometry: what was asked for, and what a weight needs. */
    public List<String> geometryMeasured() {
        Double weight = weights.geometry();
        return geometry.isEmpty() && weight != null && weight > 0
                ? GEOMETRY_SCORES.subList(0, 1)
                : geometry;
    }

    /** Whether VGGT looks at the candidates. */
    public boolean needsVggt() {
        return geometryMeasured().stream().anyMatch(score -> score.startsWith("geometry_vggt"));
    }

    public static RankingConfig defaults() {
        return new RankingConfig(
                16,
                4,
                new Weights(0.65, 0.25, 0.10, 0, 0),
                0.015,
                7,
                0.005,
                0.95,
                0.3,
                0.5,
                null,
                null,
                true,
                List.of());
    }
}
