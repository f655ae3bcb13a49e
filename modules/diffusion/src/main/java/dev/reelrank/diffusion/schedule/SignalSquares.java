package dev.reelrank.diffusion.schedule;

/**
 * The squares of the signal's share of diffusion models, one for each timestep of training: the
 * product of all {@code 1 - beta} up to it. {@link NoiseSchedule#variancePreserving} takes them.
 */
public final class SignalSquares {
    private SignalSquares() {}

    /** Betas evenly spaced, as AnimateDiff was trained. */
    public static double[] linear(double first, double last, int timesteps) {
        return products(spaced(first, last, timesteps));
    }

    /** The roots of the betas evenly spaced ("scaled_linear"), as Stable Diffusion was trained. */
    public static double[] scaledLinear(double first, double last, int timesteps) {
        float[] betas = spaced(Math.sqrt(first), Math.sqrt(last), timesteps);
        for (int i = 0; i < timesteps; i++) {
            betas[i] *= betas[i];
        }
        return products(betas);
    }

    /**
     * As {@link #scaledLinear} in float64, as CogVideoX's schedulers compute it: they take the
     * signal close to 0, where float32 shows.
     */
    public static double[] scaledLinearInDouble(double first, double last, int timesteps) {
        double a = Math.sqrt(first);
        double b = Math.sqrt(last);
        double[] squares = new double[timesteps];
        double product = 1;
        for (int i = 0; i < timesteps; i++) {
            double root = a + (b - a) * (timesteps == 1 ? 0 : i / (timesteps - 1.0));
            product *= 1 - root * root;
            squares[i] = product;
        }
        return squares;
    }

    /** In float32, as the reference keeps them: from both ends to the middle. */
    private static float[] spaced(double first, double last, int count) {
        float[] values = new float[count];
        float step = count == 1 ? 0 : ((float) last - (float) first) / (count - 1);
        for (int i = 0; i < count; i++) {
            values[i] =
                    i < count / 2
                            ? (float) first + step * i
                            : (float) last - step * (count - 1 - i);
        }
        return values;
    }

    private static double[] products(float[] betas) {
        double[] squares = new double[betas.length];
        double product = 1;
        for (int i = 0; i < betas.length; i++) {
            product *= 1 - betas[i];
            squares[i] = (float) product;
        }
        return squares;
    }

    /**
     * Less signal at every timestep: {@code a / (scale + (1 - scale) a)} (CogVideoX).
     *
     * @param scale at least 1; 1 changes nothing
     */
    public static double[] shifted(double[] squares, double scale) {
        double[] shifted = new double[squares.length];
        for (int i = 0; i < squares.length; i++) {
            shifted[i] = squares[i] / (scale + (1 - scale) * squares[i]);
        }
        return shifted;
    }

    /**
     * No signal at the last timestep, as much as before at the first, between them on a line of the
     * roots (Lin and others, Common Diffusion Noise Schedules and Sample Steps are Flawed, 2024,
     * algorithm 1).
     */
    public static double[] endingInNoise(double[] squares) {
        double first = Math.sqrt(squares[0]);
        double last = Math.sqrt(squares[squares.length - 1]);
        double[] rescaled = new double[squares.length];
        for (int i = 0; i < squares.length; i++) {
            double root = (Math.sqrt(squares[i]) - last) * first / (first - last);
            rescaled[i] = root * root;
        }
        return rescaled;
    }
}
