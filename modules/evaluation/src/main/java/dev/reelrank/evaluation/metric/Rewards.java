package dev.reelrank.evaluation.metric;

/**
 * What VideoReward says about a video, z-scores.
 *
 * @param visual quality
 * @param motion quality
 * @param text alignment
 * @param reason why there are none; empty if there are
 * @param prompted whether there is a prompt: without one the text alignment means nothing
 */
public record Rewards(double visual, double motion, double text, String reason, boolean prompted) {
    /** None. */
    public static Rewards none(String reason) {
        return new Rewards(Double.NaN, Double.NaN, Double.NaN, reason, false);
    }
}
