package dev.reelrank.worker.store;

import java.time.Instant;
import java.util.function.Consumer;

/**
 * What a store holds, for those who remove from it. Workers go on using the store meanwhile: what
 * they find or put again becomes young again, and what is young is not removed.
 *
 * <p>Methods throw {@link dev.reelrank.pipeline.StageException}: {@code STORE_UNAVAILABLE} when the
 * store does not answer.
 */
public interface StoreContents extends AutoCloseable {
    /** The parts of a store. */
    enum Part {
        BLOBS("blobs"),
        RESULTS("results"),
        /** Results that did not decode or match. */
        ASIDE("aside"),
        /** States of work that is not finished, such as checkpoints; none in many stores. */
        DRAFTS("drafts"),
        /** What is being written, and what killed processes left. */
        TEMPORARY("tmp");

        private final String folder;

        Part(String folder) {
            this.folder = folder;
        }

        /** Its folder in the store. */
        public String folder() {
            return folder;
        }
    }

    /**
     * Something in the store.
     *
     * @param name without its folder: a blob's SHA-256, a result's input key, of a draft its input
     *     key, a slash and its name
     * @param size bytes
     * @param usedAt when it was put, or last found again, to within a day
     */
    record Entry(Part part, String name, long size, Instant usedAt) {}

    /** Gives everything in the store, in no order. What comes or goes meanwhile may be missed. */
    void each(Consumer<Entry> receiver);

    /**
     * Removes an entry unless it was used since.
     *
     * @param before the entry must have been used last before this time
     * @return whether it is gone now
     */
    boolean remove(Entry entry, Instant before);

    @Override
    void close();
}
