package dev.reelrank.client.retention;

/**
 * Something that names blobs and results which must stay. {@link Retention} asks all of them. A
 * blob whose bytes name other blobs needs one of its own.
 */
interface Namer extends AutoCloseable {
    /**
     * Adds what it names. Called a second time, and more often, it adds what has come since; names
     * are never taken back.
     */
    void tell(Names names);

    @Override
    default void close() {}
}
