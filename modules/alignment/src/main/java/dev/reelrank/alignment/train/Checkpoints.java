package dev.reelrank.alignment.train;

import java.nio.file.Path;
import java.util.List;

/** Where a training's state is kept, between processes. */
public interface Checkpoints {
    /**
     * A stored state.
     *
     * @param step steps done
     * @param file readable until the training ends
     */
    record Stored(long step, Path file) {}

    /**
     * Stores a state: afterwards it is there as a whole, or not at all.
     *
     * @param step steps done
     * @param file finished; the implementation copies or moves it
     * @throws dev.reelrank.pipeline.StageException OUT_OF_DISK or STORE_UNAVAILABLE; what was
     *     stored before stays
     */
    void store(long step, Path file);

    /** What is stored, the newest first. */
    List<Stored> newestFirst();
}
