package dev.reelrank.ranking;

import dev.reelrank.pipeline.config.RankingConfig.Weights;

/**
 * composite = identity · maskedIdentity + concentration · concentrationNormalised + temporal ·
 * temporalConsistency − brightnessDrift · brightnessDrift − duplicateSubject · duplicateSubject.
 *
 * <p>By default 0.65, 0.25, 0.10, 0 and 0: identity says whether it is still the subject,
 * concentration whether there is only one of it, consistency whether it is stable over time.
 *
 * @param weights each 0..1
 */
public record CompositeScorer(Weights weights) implements Scorer {
    @Override
    public double score(Measures m) {
        return weights.identity() * m.maskedIdentity()
                + weights.concentration() * m.concentrationNormalised()
                + weights.temporal() * m.temporal()
                - weights.brightnessDrift() * m.brightnessDrift()
                - weights.duplicateSubject() * m.duplicateSubject();
    }
}
