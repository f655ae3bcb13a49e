package dev.reelrank.diffusion.schedule;

import java.util.Locale;

/**
 * What a DDIM scheduler is told by a model's {@code scheduler_config.json}.
 *
 * @param schedule of the training, for whole timesteps ({@link NoiseSchedule#variancePreserving})
 * @param prediction {@link PredictionType#EPSILON} or {@link PredictionType#V}
 * @param spacing which timesteps are taken
 * @param offset added to each timestep of {@link Spacing#LEADING}
 * @param endsClean whether the last step ends without noise ({@code set_alpha_to_one}), or at the
 *     first timestep of training
 * @param clip magnitude that clean samples are cut to at each step; infinite for no cut
 */
public record DdimSettings(
        NoiseSchedule schedule,
        PredictionType prediction,
        Spacing spacing,
        int offset,
        boolean endsClean,
        double clip) {
    /** Which of the timesteps of training a number of steps takes. */
    public enum Spacing {
        /** Whole multiples from 0 on, plus an offset. */
        LEADING,
        /** Evenly between the first and the last one, both taken. */
        LINSPACE,
        /** Evenly back from the last one. */
        TRAILING;

        /** The name in {@code timestep_spacing}. */
        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public DdimSettings {
        if (prediction == PredictionType.FLOW) {
            throw new IllegalArgumentException("DDIM takes epsilon or v predictions");
        }
        if (!(clip > 0)) {
            throw new IllegalArgumentException("no limit of clean samples: " + clip);
        }
    }

    /** A step goes this many timesteps of training down, whatever the spacing. */
    int stride(int steps) {
        return schedule.timesteps() / steps;
    }

    /** The timesteps of this many steps, decreasing. */
    int[] timesteps(int steps) {
        int all = schedule.timesteps();
        int[] timesteps = new int[steps];
        for (int i = 0; i < steps; i++) {
            int up = steps - 1 - i;
            double t =
                    switch (spacing) {
                        case LEADING -> up * (double) stride(steps) + offset;
                        case LINSPACE -> steps == 1 ? 0 : Math.rint(up * (all - 1.0) / (steps - 1));
                        case TRAILING -> Math.rint(all - i * ((double) all / steps)) - 1;
                    };
            timesteps[i] = (int) Math.min(t, all - 1.0);
        }
        return timesteps;
    }
}
