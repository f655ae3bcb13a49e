package dev.reelrank.alignment.train;

/** Receives the progress of a training, on the thread that trains. */
public interface TrainingListener {
    /** Hears nothing and lets it run. */
    TrainingListener NONE = report -> true;

    /**
     * After each step.
     *
     * @return false to stop here: the state is stored, and a later training goes on from it
     */
    boolean step(StepReport report);

    /** A checkpoint has been stored. */
    default void stored(long step) {}

    /** The training goes on from a checkpoint. */
    default void resumed(long step) {}

    /** A stored checkpoint cannot be used; an older one is tried. */
    default void damaged(long step, String problem) {}
}
