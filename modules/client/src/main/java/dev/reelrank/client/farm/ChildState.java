package dev.reelrank.client.farm;

import org.jspecify.annotations.Nullable;

/**
 * How a child process is.
 *
 * @param pid 0 while it is not running
 * @param restarts times it was started again
 * @param gaveUp why it is not started again, null while it is kept alive
 */
public record ChildState(
        String name, long pid, int restarts, @Nullable String gaveUp, String log) {}
