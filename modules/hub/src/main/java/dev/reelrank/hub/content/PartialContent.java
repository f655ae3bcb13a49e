package dev.reelrank.hub.content;

import java.util.Optional;

/**
 * The part of a file that has arrived. Failures of the disk leave its methods as {@link
 * dev.reelrank.pipeline.StageException} or {@link java.io.UncheckedIOException}, never as an
 * IOException: that one means the network, and is tried again.
 */
public interface PartialContent {
    /** Bytes that are here. */
    long size();

    /** What the sender called the version that these bytes are of. */
    Optional<String> etag();

    /** An answer begins that continues the bytes here. */
    void continueAs(Optional<String> etag);

    /** Drops all bytes. */
    void restart();

    /** Adds bytes at the end. */
    void append(byte[] bytes, int count);

    /** Whether all bytes are here and have the hash that they must have. */
    boolean isWhole();
}
