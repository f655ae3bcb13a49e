package dev.reelrank.diffusion;

/**
 * Which numbers of frames a model can make: {@code first + k · step}, up to a limit.
 *
 * @param first the fewest, at least 1
 * @param step frames that one more latent frame covers, at least 1
 * @param most at least {@code first}
 */
public record FrameRule(int first, int step, int most) {
    public FrameRule {
        if (first < 1 || step < 1 || most < first) {
            throw new IllegalArgumentException(
                    "no rule: first %d, step %d, most %d".formatted(first, step, most));
        }
    }

    /** Of a causal autoencoder: 1, and {@code step} more for each further latent frame. */
    public static FrameRule causal(int step, int most) {
        return new FrameRule(1, step, most);
    }

    /** Exactly this number. */
    public static FrameRule exactly(int frames) {
        return new FrameRule(frames, 1, frames);
    }

    public boolean allows(int frames) {
        return frames >= first && frames <= most && (frames - first) % step == 0;
    }

    /** In words, for example {@code 4k+1 up to 1025, for example 17 or 81}. */
    @Override
    public String toString() {
        if (first == most) {
            return Integer.toString(first);
        }
        if (step == 1) {
            return first + " to " + most;
        }
        int last = first + (most - first) / step * step;
        int some = Math.min(last, first + 4 * step);
        int more = Math.min(last, first + 20 * step);
        return "%dk+%d up to %d, for example %d or %d".formatted(step, first, most, some, more);
    }
}
