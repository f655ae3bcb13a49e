package dev.reelrank.ranking;

import org.jspecify.annotations.Nullable;

/**
 * A geometry score as a term of the composite: {@code exp(-score / unit)}, so that 1 is a perfectly
 * rigid world. Without a score it is 0, as of the worst candidate: a still video has none, and must
 * not gain by that.
 *
 * <p>The unit is what counts as clearly wrong in the score's own measure: a pixel of Sampson
 * distance; 1 of MSE + LPIPS; an MSE of 0.05 (a fifth of the brightness). It makes the terms of
 * different scores alike in size, no more.
 */
public final class GeometryTerm {
    private static final double EPIPOLAR = 1;
    private static final double WITH_LPIPS = 1;
    private static final double MSE_ALONE = 0.05;

    private GeometryTerm() {}

    /**
     * The term.
     *
     * @param metric one of {@link dev.reelrank.pipeline.config.RankingConfig#GEOMETRY_SCORES}
     * @param score at least 0, lower is better; null if there is none
     * @return 0..1
     */
    public static double of(String metric, @Nullable Double score) {
        return score == null ? 0 : Math.exp(-score / unit(metric));
    }

    private static double unit(String metric) {
        return switch (metric) {
            case "epipolar_sampson" -> EPIPOLAR;
            case "geometry_vggt" -> WITH_LPIPS;
            case "geometry_vggt_mse" -> MSE_ALONE;
            default -> throw new IllegalArgumentException("no geometry score is called " + metric);
        };
    }
}
