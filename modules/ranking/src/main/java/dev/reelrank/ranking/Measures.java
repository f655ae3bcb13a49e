package dev.reelrank.ranking;

import java.util.List;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * What a candidate is judged by.
 *
 * @param maskedIdentity mean over scored frames, −1..1
 * @param minIdentity the least masked identity of a scored frame, −1..1
 * @param fullIdentity mean over scored frames, −1..1
 * @param concentration mean raw patch concentration
 * @param concentrationNormalised of that mean, 0..1
 * @param temporal mean cosine of consecutive scored frames, −1..1; 1 for a single frame
 * @param brightnessDrift largest change of a frame's mean brightness against the first, 0..1
 * @param duplicateSubject share of the segmented frames with two separated instances where the
 *     reference has one, 0..1
 * @param motion how far the subject moves as the prompt asks, 0..1; null if that cannot be told
 * @param geometry how rigid the world is, as {@link GeometryTerm} says, 0..1; null if it was not
 *     asked for
 */
public record Measures(
        double maskedIdentity,
        double minIdentity,
        double fullIdentity,
        double concentration,
        double concentrationNormalised,
        double temporal,
        double brightnessDrift,
        double duplicateSubject,
        @Nullable Double motion,
        @Nullable Double geometry) {

    /** The same with a motion term. */
    public Measures withMotion(@Nullable Double term) {
        return new Measures(
                maskedIdentity,
                minIdentity,
                fullIdentity,
                concentration,
                concentrationNormalised,
                temporal,
                brightnessDrift,
                duplicateSubject,
                term,
                geometry);
    }

    /** The same with a geometry term. */
    public Measures withGeometry(@Nullable Double term) {
        return new Measures(
                maskedIdentity,
                minIdentity,
                fullIdentity,
                concentration,
                concentrationNormalised,
                temporal,
                brightnessDrift,
                duplicateSubject,
                motion,
                term);
    }

    /**
     * The measures of a video from those of its frames.
     *
     * @param frames in order of time, at least one
     */
    public static Measures of(
            List<FrameMeasures> frames, PatchConcentration normalisation, double duplicateSubject) {
        if (frames.isEmpty()) {
            throw new IllegalArgumentException("no frame was scored");
        }
        double concentration = mean(frames, FrameMeasures::concentration);
        var later = frames.subList(1, frames.size());
        double first = frames.get(0).brightness();
        return new Measures(
                mean(frames, FrameMeasures::maskedIdentity),
                frames.stream().mapToDouble(FrameMeasures::maskedIdentity).min().orElseThrow(),
                mean(frames, FrameMeasures::fullIdentity),
                concentration,
                normalisation.normalised(concentration),
                later.isEmpty() ? 1 : mean(later, FrameMeasures::previous),
                frames.stream()
                        .mapToDouble(f -> Math.abs(f.brightness() - first))
                        .max()
                        .orElseThrow(),
                duplicateSubject,
                null,
                null);
    }

    private static double mean(
            List<FrameMeasures> frames, ToDoubleFunction<FrameMeasures> measure) {
        return frames.stream().mapToDouble(measure).average().orElseThrow();
    }
}
