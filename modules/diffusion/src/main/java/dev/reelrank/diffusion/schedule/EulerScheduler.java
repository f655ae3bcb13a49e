package dev.reelrank.diffusion.schedule;

import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Euler's method on evenly spaced noise levels, shifted once: the list that the Lightning LoRAs
 * were distilled for.
 */
public final class EulerScheduler implements Scheduler {
    private final double[] sigmas;
    private final double[] timesteps;

    /**
     * @param steps at least 1
     * @param shift above 0, 5 for 720p
     */
    public EulerScheduler(int steps, double shift) {
        sigmas = new double[steps + 1];
        timesteps = new double[steps];
        for (int i = 0; i < steps; i++) {
            // float32, as the reference keeps them.
            sigmas[i] = (float) Scheduler.shifted(1.0 - (double) i / steps, shift);
            timesteps[i] = (float) (sigmas[i] * 1000);
        }
    }

    @Override
    public PredictionType prediction() {
        return PredictionType.FLOW;
    }

    @Override
    public double[] timesteps() {
        return timesteps.clone();
    }

    @Override
    public double[] sigmas() {
        return sigmas.clone();
    }

    @Override
    public Tensor step(int index, Tensor velocity, Tensor sample) {
        return TensorScope.compute(
                () -> sample.add(Ops.mul(velocity, sigmas[index + 1] - sigmas[index])));
    }
}
