package dev.reelrank.diffusion.train;

/**
 * The timesteps that a network is made for, of 0 (nearly clean) to 1000 (noise).
 *
 * @param from inclusive
 * @param to exclusive, except at 1000: an inference schedule begins there
 */
public record NoiseRange(double from, double to) {
    private static final double NOISE_ALONE = 1000;

    public NoiseRange {
        if (!(from >= 0 && to > from)) {
            throw new IllegalArgumentException("no range of timesteps: " + from + " to " + to);
        }
    }

    /** Whether a timestep lies in it. */
    public boolean contains(double timestep) {
        return timestep >= from && (timestep < to || (to == NOISE_ALONE && timestep == to));
    }
}
