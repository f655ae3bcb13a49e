package dev.reelrank.diffusion.schedule;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import java.util.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * Deterministic DDIM (Song and others, Denoising Diffusion Implicit Models, 2021, equation 12 with
 * eta 0): the clean sample that the prediction implies, with as much of the implied noise as the
 * next timestep has.
 *
 * <p>With {@code clean} the implied sample, the next one is {@code s' clean + n' (x - s clean) /
 * n}, which is defined without signal ({@code s = 0}) too.
 */
public final class DdimScheduler implements Scheduler {
    private final DdimSettings settings;
    private final int[] timesteps;
    private final double[] signals;
    private final double[] noises;

    /**
     * @param steps at least 1
     * @throws StageException INVALID_CONFIG for more steps than the training has timesteps
     */
    public DdimScheduler(DdimSettings settings, int steps) {
        var schedule = settings.schedule();
        if (steps < 1 || steps > schedule.timesteps()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "steps is '%d'; DDIM makes 1 to %d".formatted(steps, schedule.timesteps()));
        }
        this.settings = settings;
        timesteps = settings.timesteps(steps);
        signals = new double[2 * steps];
        noises = new double[2 * steps];
        for (int i = 0; i < steps; i++) {
            set(2 * i, schedule.signal(timesteps[i]), schedule.noise(timesteps[i]));
            int next = timesteps[i] - settings.stride(steps);
            if (next >= 0) {
                set(2 * i + 1, schedule.signal(next), schedule.noise(next));
            } else if (settings.endsClean()) {
                set(2 * i + 1, 1, 0);
            } else {
                set(2 * i + 1, schedule.signal(0), schedule.noise(0));
            }
        }
    }

    private void set(int at, double signal, double noise) {
        signals[at] = signal;
        noises[at] = noise;
    }

    @Override
    public PredictionType prediction() {
        return settings.prediction();
    }

    @Override
    public double[] timesteps() {
        return Arrays.stream(timesteps).asDoubleStream().toArray();
    }

    @Override
    public double[] sigmas() {
        double[] sigmas = new double[timesteps.length + 1];
        for (int i = 0; i < timesteps.length; i++) {
            sigmas[i] = noise(i);
        }
        sigmas[timesteps.length] = noises[noises.length - 1];
        return sigmas;
    }

    @Override
    public double signal(int index) {
        return signals[2 * index];
    }

    @Override
    public double noise(int index) {
        return noises[2 * index];
    }

    @Override
    public Tensor step(int index, Tensor prediction, Tensor sample) {
        return TensorScope.compute(
                () -> {
                    Tensor clean =
                            prediction().clean(sample, prediction, signal(index), noise(index));
                    double share = noises[2 * index + 1] / noise(index);
                    // The noise is that of the prediction, also where the clean sample is cut.
                    double kept = signal(index) * share;
                    Tensor next = Ops.mul(sample, share).sub(Ops.mul(clean, kept));
                    return next.add(Ops.mul(cut(clean), signals[2 * index + 1]));
                });
    }

    private Tensor cut(Tensor clean) {
        return Double.isInfinite(settings.clip())
                ? clean
                : clean.clamp(
                        new ScalarOptional(new Scalar(-settings.clip())),
                        new ScalarOptional(new Scalar(settings.clip())));
    }
}
