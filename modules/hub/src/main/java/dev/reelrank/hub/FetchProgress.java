package dev.reelrank.hub;

/** What a fetch tells while it works; called on several threads. */
public interface FetchProgress {
    /** For those who want to hear nothing. */
    FetchProgress NONE = new FetchProgress() {};

    /** A line for the user: a wait, a check, another attempt. */
    default void say(String line) {}

    /**
     * Transfers begin.
     *
     * @param bytes of all missing files, with those that an earlier process left in partial files
     * @param arrived bytes of them that it left
     * @param files that are missing
     */
    default void begin(long bytes, long arrived, int files) {}

    /** Bytes have arrived; a negative number where some were dropped. */
    default void moved(long bytes) {}

    /** A file is whole. */
    default void fileDone(String model, String path) {}
}
