package dev.reelrank.bench.prune;

/**
 * A way to spend steps on a sample.
 *
 * @param seeds candidates that are begun
 * @param after steps after which they are compared; all steps where nothing is pruned
 * @param keep candidates that are finished
 */
public record Plan(int seeds, int after, int keep) {
    /** Finishes all. */
    static Plan whole(int seeds, int steps) {
        return new Plan(seeds, steps, seeds);
    }

    boolean prunes() {
        return keep < seeds;
    }

    /** Denoising steps for a sample. */
    int spent(int steps) {
        return prunes() ? seeds * after + keep * (steps - after) : seeds * steps;
    }

    /** As it stands among the figures of a scene. */
    String key() {
        return seeds + "/" + after + "/" + keep;
    }
}
