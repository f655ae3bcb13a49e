package dev.reelrank.diffusion.train;

/**
 * The timesteps that a network is made for, of 0 (nearly clean) to 1000 (noise).
 *
 * @param from inclusive
 * @param to exclusive, except at the end of the schedule
 */
public record NoiseRange(double from, double to) {
    public NoiseRange {
        if (!(from >= 0 && to > from)) {
            throw new IllegalArgumentException("no range of timesteps: " + from + " to " + to);
        }
    }

    /** Whether a timestep lies in it. */
    public boolean contains(double timestep) {
        return timestep >= from && timestep < to;
    }
}
