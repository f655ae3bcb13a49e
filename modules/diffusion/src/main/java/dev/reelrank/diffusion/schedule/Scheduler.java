package dev.reelrank.diffusion.schedule;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** Takes noise to a sample in a fixed number of steps. One object serves one generation. */
public interface Scheduler {
    /** What the model has to predict. */
    PredictionType prediction();

    /** The timestep that the model gets at each step, 0..1000, decreasing. */
    double[] timesteps();

    /** The noise level at each step, and at the end. */
    double[] sigmas();

    /** Share of the clean sample in the sample that a step begins with. */
    default double signal(int index) {
        return 1 - sigmas()[index];
    }

    /** Share of the noise in the sample that a step begins with. */
    default double noise(int index) {
        return sigmas()[index];
    }

    /**
     * The sample before the first step.
     *
     * @param noise standard normal, float32
     * @return the noise itself, or a new tensor of the open scope
     */
    default Tensor begin(Tensor noise) {
        return noise;
    }

    /** Takes the seed of the generation, before the first step: what is drawn depends on it. */
    default void seed(long seed) {}

    /**
     * Makes the next sample. Steps are made once each, in order; the first ones may be left out.
     *
     * @param prediction the model's prediction at this step, float32
     * @param sample float32
     * @return a new tensor of the open scope
     */
    Tensor step(int index, Tensor prediction, Tensor sample);

    /** What the next step needs beside the sample, by name; the tensors stay the scheduler's. */
    default Map<String, Tensor> remembered() {
        return Map.of();
    }

    /**
     * Goes on in the place of another scheduler of the same kind.
     *
     * @param steps that it made, at least 1
     * @param remembered of it, on the device of the samples
     * @throws IllegalArgumentException if something is missing
     */
    default void recall(int steps, Map<String, Tensor> remembered) {}

    /** Frees what is remembered between steps. */
    default void close() {}

    /** {@code shift s / (1 + (shift - 1) s)}: more time at high noise, as large pictures need. */
    static double shifted(double sigma, double shift) {
        return shift * sigma / (1 + (shift - 1) * sigma);
    }
}
