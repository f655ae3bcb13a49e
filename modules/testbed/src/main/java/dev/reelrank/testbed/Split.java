package dev.reelrank.testbed;

/** Disjoint ranges of seeds: what is trained on is never measured on. */
public enum Split {
    TRAIN(0),
    VALIDATION(1_000_000_000L),
    TEST(2_000_000_000L),
    /** The bundled samples' own range. */
    SAMPLES(3_000_000_000L);

    /** How many scenes a split has. */
    public static final long COUNT = 1_000_000_000L;

    private final long first;

    Split(long first) {
        this.first = first;
    }

    /** The seed of the index-th scene, index in 0..{@link #COUNT}. */
    public long seed(long index) {
        if (index < 0 || index >= COUNT) {
            throw new IllegalArgumentException(
                    "a split has the scenes 0.." + (COUNT - 1) + ", not " + index);
        }
        return first + index;
    }
}
