package dev.reelrank.alignment.train;

/** The pairs of a training, encoded. Safe for several threads. */
public interface TrainingPairs {
    /** How many there are. */
    int size();

    /** A name for messages. */
    String name(int index);

    /**
     * Reads a pair; its tensors belong to the open scope.
     *
     * @param index 0..{@link #size}-1
     */
    LatentPair pair(int index);

    /** A hash of everything in them: a training goes on only with the pairs it began with. */
    String fingerprint();
}
