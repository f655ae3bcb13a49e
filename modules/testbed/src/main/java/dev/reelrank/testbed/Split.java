package dev.reelrank.testbed;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.util.Locale;

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

    /**
     * The split of a name in any case.
     *
     * @throws StageException INVALID_CONFIG if there is none
     */
    public static Split parse(String name) {
        try {
            return valueOf(name.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "unknown split '" + name + "'; use train, validation, test or samples",
                    e);
        }
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
