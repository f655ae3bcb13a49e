package dev.reelrank.pipeline.config;

/**
 * How the preference model learns.
 *
 * @param beta of the DPO loss, above 0
 * @param l2 weight of the squared weights against the sum of the losses of all pairs, at least 0
 * @param epochs 1..10000
 * @param learningRate above 0
 * @param heldOut at most this share of the samples is held out at a time, 0..0.9; 0 holds out none
 */
public record TuneConfig(double beta, double l2, int epochs, double learningRate, double heldOut)
        implements StageConfig {
    public TuneConfig {
        Check.range("tune.beta", beta, 1e-6, 1e6);
        Check.range("tune.l2", l2, 0, 1e3);
        Check.range("tune.epochs", epochs, 1, 10000);
        Check.range("tune.learningRate", learningRate, 1e-9, 10);
        Check.range("tune.heldOut", heldOut, 0, 0.9);
    }

    public static TuneConfig defaults() {
        return new TuneConfig(1.0, 0.5, 400, 0.05, 0.25);
    }
}
