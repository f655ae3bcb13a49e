package dev.reelrank.diffusion.schedule;

import org.bytedeco.pytorch.Tensor;

/**
 * Takes noisy latents to clean ones in a fixed number of steps, along a rectified flow: at noise
 * level sigma the sample is (1 - sigma) · clean + sigma · noise, and the model predicts noise -
 * clean. One object serves one generation.
 */
public interface FlowScheduler {
    /** What the model is told at each step, 0..1000, falling. */
    double[] timesteps();

    /** The noise level at each step, and 0 at the end. */
    double[] sigmas();

    /**
     * Makes the next sample. Steps are made once each, in order.
     *
     * @param velocity the model's prediction at this step, float32
     * @param sample float32
     * @return a new tensor of the open scope
     */
    Tensor step(int index, Tensor velocity, Tensor sample);

    /** Frees what is remembered between steps. */
    default void close() {}

    /** {@code shift s / (1 + (shift - 1) s)}: more time at high noise, as large pictures need. */
    static double shifted(double sigma, double shift) {
        return shift * sigma / (1 + (shift - 1) * sigma);
    }
}
