package dev.reelrank.ranking;

import dev.reelrank.pipeline.config.RankingConfig;

/**
 * What a subject's mask must look like to be believed.
 *
 * @param maxAspect largest ratio of the box's longer to its shorter side
 * @param minArea smallest share of the image, 0..1
 * @param maxArea largest share of the image, 0..1
 */
public record MaskLimits(double maxAspect, double minArea, double maxArea) {
    public static MaskLimits of(RankingConfig config) {
        return new MaskLimits(config.maxAspect(), config.minArea(), config.maxArea());
    }
}
