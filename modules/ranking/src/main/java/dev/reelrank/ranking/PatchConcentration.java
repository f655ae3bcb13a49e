package dev.reelrank.ranking;

/**
 * How much of a frame's likeness to the reference lies in one place. A ghost spreads it over two:
 * the heat map flattens.
 *
 * <p>raw = peak ÷ mean over the patch grid of cosine(patch token, reference CLS);<br>
 * normalised = 0.5 · tanh((raw − centre) ÷ scale) + 0.5.
 *
 * @param centre raw value that becomes 0.5; 2.0 for ViT-B/16
 * @param scale spread of the raw values, above 0; 0.5 for ViT-B/16
 */
public record PatchConcentration(double centre, double scale) {
    /**
     * The mean counts as at least this share of the peak: a mean near zero or below it would make
     * the quotient explode or turn it around.
     */
    static final double MEAN_FLOOR = 0.05;

    public PatchConcentration {
        if (!(scale > 0)) {
            throw new IllegalArgumentException("scale must be above 0, was " + scale);
        }
    }

    /**
     * Peak by mean of one frame's heat map, 0..20: peak ÷ max(mean, 0.05 · peak), and 0 when no
     * patch resembles the reference at all (peak ≤ 0).
     *
     * @param cosines one per patch, −1..1, at least one
     */
    public static double raw(double[] cosines) {
        double peak = Double.NEGATIVE_INFINITY;
        double sum = 0;
        for (double cosine : cosines) {
            peak = Math.max(peak, cosine);
            sum += cosine;
        }
        if (!(peak > 0)) {
            return 0;
        }
        return peak / Math.max(sum / cosines.length, MEAN_FLOOR * peak);
    }

    /** 0..1, rising with {@code raw}. */
    public double normalised(double raw) {
        return 0.5 * Math.tanh((raw - centre) / scale) + 0.5;
    }
}
