package dev.reelrank.diffusion.schedule;

/**
 * How noisy a sample is at each timestep of training: {@code signal(t) · clean + noise(t) · ε}.
 *
 * <p>Timesteps are 0..{@link #timesteps()}, 0 nearly clean.
 */
public interface NoiseSchedule {
    /** Timesteps of training, 1000 in all published models. */
    int timesteps();

    /** Share of the clean sample. */
    double signal(double timestep);

    /** Share of the noise. */
    double noise(double timestep);

    /** A straight line from the clean sample to noise: {@code noise = t / timesteps}. */
    static NoiseSchedule rectifiedFlow(int timesteps) {
        return new NoiseSchedule() {
            @Override
            public int timesteps() {
                return timesteps;
            }

            @Override
            public double signal(double timestep) {
                return 1 - noise(timestep);
            }

            @Override
            public double noise(double timestep) {
                return timestep / timesteps;
            }
        };
    }

    /**
     * Of denoising diffusion: the squares of signal and noise sum to 1.
     *
     * @param signalSquares for each timestep the product of all (1 - beta) up to it
     */
    static NoiseSchedule variancePreserving(double[] signalSquares) {
        double[] squares = signalSquares.clone();
        return new NoiseSchedule() {
            @Override
            public int timesteps() {
                return squares.length;
            }

            @Override
            public double signal(double timestep) {
                return Math.sqrt(squares[index(timestep)]);
            }

            @Override
            public double noise(double timestep) {
                return Math.sqrt(1 - squares[index(timestep)]);
            }

            private int index(double timestep) {
                if (timestep != Math.rint(timestep) || timestep < 0 || timestep >= squares.length) {
                    throw new IllegalArgumentException(
                            "timestep %s: this schedule has the integer steps 0 to %d"
                                    .formatted(timestep, squares.length - 1));
                }
                return (int) timestep;
            }
        };
    }
}
