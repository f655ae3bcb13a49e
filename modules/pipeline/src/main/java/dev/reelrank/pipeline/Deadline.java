package dev.reelrank.pipeline;

import java.time.Duration;

/**
 * How long something may take, on the monotonic clock: setting the system's clock neither shortens
 * nor lengthens it.
 */
public final class Deadline {
    private final long end;

    private Deadline(long end) {
        this.end = end;
    }

    /** So long from now on. */
    public static Deadline in(Duration time) {
        return new Deadline(System.nanoTime() + time.toNanos());
    }

    public boolean passed() {
        return left().isZero();
    }

    /** What is left, zero once it has passed. */
    public Duration left() {
        return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
    }
}
