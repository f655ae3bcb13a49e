package dev.reelrank.diffusion.schedule;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.util.Arrays;

/** The shares of signal and noise before and after each step of a generation. */
final class DiffusionLevels {
    private final int[] timesteps;
    private final boolean[] ending;
    private final double[] signals;
    private final double[] noises;

    /**
     * @param steps at least 1
     * @throws StageException INVALID_CONFIG for more steps than the training has timesteps
     */
    DiffusionLevels(DdimSettings settings, int steps) {
        var schedule = settings.schedule();
        if (steps < 1 || steps > schedule.timesteps()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "steps is '%d'; this scheduler makes 1 to %d"
                            .formatted(steps, schedule.timesteps()));
        }
        timesteps = settings.timesteps(steps);
        ending = new boolean[steps];
        signals = new double[2 * steps];
        noises = new double[2 * steps];
        for (int i = 0; i < steps; i++) {
            set(2 * i, schedule.signal(timesteps[i]), schedule.noise(timesteps[i]));
            int next = timesteps[i] - settings.stride(steps);
            ending[i] = next < 0;
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

    double[] timesteps() {
        return Arrays.stream(timesteps).asDoubleStream().toArray();
    }

    /** The noise at each step, and at the end. */
    double[] sigmas() {
        double[] sigmas = new double[timesteps.length + 1];
        for (int i = 0; i < timesteps.length; i++) {
            sigmas[i] = noise(i);
        }
        sigmas[timesteps.length] = noises[noises.length - 1];
        return sigmas;
    }

    double signal(int index) {
        return signals[2 * index];
    }

    double noise(int index) {
        return noises[2 * index];
    }

    double signalAfter(int index) {
        return signals[2 * index + 1];
    }

    double noiseAfter(int index) {
        return noises[2 * index + 1];
    }

    /** Whether a step goes past the first timestep of training. */
    boolean ends(int index) {
        return ending[index];
    }
}
