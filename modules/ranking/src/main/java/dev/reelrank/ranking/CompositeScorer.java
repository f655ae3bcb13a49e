package dev.reelrank.ranking;

import dev.reelrank.pipeline.config.RankingConfig.Weights;

/**
 * composite = identity · maskedIdentity + concentration · concentrationNormalised + temporal ·
 * temporalConsistency − brightnessDrift · brightnessDrift − duplicateSubject · duplicateSubject +
 * motion · motion + geometry · geometry.
 *
 * <p>By default 0.65, 0.25, 0.10, 0 and 0: identity says whether it is still the subject,
 * concentration whether there is only one of it, consistency whether it is stable over time.
 *
 * @param weights each 0..1
 */
public record CompositeScorer(Weights weights) implements Scorer {
    private static final double UNKNOWN_MOTION = 0.5;

    @Override
    public double score(Measures m) {
        Double weight = weights.motion();
        Double measured = m.motion();
        // What cannot be told counts as standing still does.
        double motion =
                weight == null ? 0 : weight * (measured == null ? UNKNOWN_MOTION : measured);
        Double rigid = m.geometry();
        // A video that says nothing of its geometry, as a still one, gains nothing by it.
        double geometry =
                weights.geometry() == null || rigid == null ? 0 : weights.geometry() * rigid;
        return motion
                + geometry
                + weights.identity() * m.maskedIdentity()
                + weights.concentration() * m.concentrationNormalised()
                + weights.temporal() * m.temporal()
                - weights.brightnessDrift() * m.brightnessDrift()
                - weights.duplicateSubject() * m.duplicateSubject();
    }
}
