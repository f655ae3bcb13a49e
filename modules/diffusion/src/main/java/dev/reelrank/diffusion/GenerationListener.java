package dev.reelrank.diffusion;

/** Follows a generation, and may end it between two steps. */
public interface GenerationListener {
    /** Hears nothing and lets everything run. */
    GenerationListener NONE = (step, of) -> {};

    /**
     * A step is done.
     *
     * @param step steps finished, 1..of
     */
    void step(int step, int of);

    /** Whether to stop before the next step. */
    default boolean cancelled() {
        return false;
    }
}
