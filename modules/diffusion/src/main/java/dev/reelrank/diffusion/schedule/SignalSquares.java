package dev.reelrank.diffusion.schedule;

import java.util.function.DoubleUnaryOperator;

/**
 * The squares of the signal's share of diffusion models, one for each timestep of training: the
 * product of all {@code 1 - beta} up to it. {@link NoiseSchedule#variancePreserving} takes them.
 */
public final class SignalSquares {
    private SignalSquares() {}

    /** Betas evenly spaced, as AnimateDiff was trained. */
    public static double[] linear(double first, double last, int timesteps) {
        return products(timesteps, share -> first + (last - first) * share);
    }

    /** The roots of the betas evenly spaced ("scaled_linear"), as Stable Diffusion was trained. */
    public static double[] scaledLinear(double first, double last, int timesteps) {
        double a = Math.sqrt(first);
        double b = Math.sqrt(last);
        return products(
                timesteps,
                share -> {
                    double root = a + (b - a) * share;
                    return root * root;
                });
    }

    private static double[] products(int timesteps, DoubleUnaryOperator beta) {
        double[] squares = new double[timesteps];
        double product = 1;
        for (int i = 0; i < timesteps; i++) {
            product *= 1 - beta.applyAsDouble(timesteps == 1 ? 0 : i / (timesteps - 1.0));
            squares[i] = product;
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
