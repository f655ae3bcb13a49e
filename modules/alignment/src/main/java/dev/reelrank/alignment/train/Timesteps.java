package dev.reelrank.alignment.train;

import dev.reelrank.diffusion.train.NoiseRange;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Which timesteps are trained.
 *
 * @param only these, the ones of an inference schedule, as a distilled base needs; empty for every
 *     timestep, drawn evenly
 * @param whole whether every timestep means the whole numbers, as schedules of denoising diffusion
 *     have them
 */
public record Timesteps(List<Double> only, boolean whole) {
    public Timesteps {
        only = List.copyOf(only);
    }

    /** Every timestep, drawn evenly. */
    public static Timesteps uniform() {
        return new Timesteps(List.of(), false);
    }

    /** Those of an inference schedule. */
    public static Timesteps of(double[] schedule) {
        return new Timesteps(Arrays.stream(schedule).boxed().toList(), false);
    }

    /**
     * Some of an inference schedule.
     *
     * @param steps places in the schedule, counted from 0; empty for all
     * @throws StageException INVALID_CONFIG for a step that the schedule does not have
     */
    public static Timesteps of(double[] schedule, List<Integer> steps) {
        for (int step : steps) {
            if (step < 0 || step >= schedule.length) {
                throw new StageException(
                        FailureCode.INVALID_CONFIG,
                        "align.scheduleSteps names the step %d, but the model's schedule has the steps 0 to %d"
                                .formatted(step, schedule.length - 1));
            }
        }
        return steps.isEmpty()
                ? of(schedule)
                : of(steps.stream().mapToDouble(step -> schedule[step]).toArray());
    }

    /**
     * Draws one.
     *
     * @param network for messages
     * @throws StageException INVALID_CONFIG when the schedule has none in the range
     */
    double draw(NoiseRange range, String network, SplittableRandom random) {
        if (only.isEmpty()) {
            double drawn = range.from() + random.nextDouble() * (range.to() - range.from());
            return whole ? Math.floor(drawn) : drawn;
        }
        double[] inside =
                only.stream().filter(range::contains).mapToDouble(Double::doubleValue).toArray();
        if (inside.length == 0) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "the schedule %s has no timestep between %s and %s, for which %s is made: train every timestep, or leave that network out"
                            .formatted(only, range.from(), range.to(), network));
        }
        return inside[random.nextInt(inside.length)];
    }
}
