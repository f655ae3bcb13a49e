package dev.reelrank.perception;

import java.util.ArrayDeque;
import java.util.Deque;

/** Closes what was opened so far when a model with several parts fails to load. */
final class Opened implements AutoCloseable {
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();

    <T extends AutoCloseable> T add(T part) {
        parts.push(part);
        return part;
    }

    /** Everything was opened: it now belongs to the model. */
    void keep() {
        parts.clear();
    }

    @Override
    public void close() {
        for (var part : parts) {
            try {
                part.close();
            } catch (Exception e) {
                throw new IllegalStateException("a half-loaded model could not be closed", e);
            }
        }
    }
}
