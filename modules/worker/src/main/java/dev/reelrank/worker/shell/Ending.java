package dev.reelrank.worker.shell;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The end of a worker, seen by all its threads. Once it is asked for, nothing new is taken; what is
 * in hand may finish until the time is up, then it is cancelled between two steps and returned.
 */
public final class Ending {
    private static final long NEVER = Long.MAX_VALUE;

    private final Duration drainTimeout;
    private final AtomicLong cancelAt = new AtomicLong(NEVER);

    Ending(Duration drainTimeout) {
        this.drainTimeout = drainTimeout;
    }

    /** By whoever may ask: what is in hand gets the drain timeout. */
    void ask() {
        ask(drainTimeout);
    }

    /**
     * @param time for what is in hand; a shorter one than before counts, a longer does not
     */
    void ask(Duration time) {
        var at = System.nanoTime() + time.toNanos();
        cancelAt.accumulateAndGet(
                at, (before, now) -> before == NEVER ? now : Math.min(before, now));
    }

    boolean asked() {
        return cancelAt.get() != NEVER;
    }

    /** What is left for the work in hand, at least 0; once it is asked for. */
    Duration left() {
        return Duration.ofNanos(Math.max(0, cancelAt.get() - System.nanoTime()));
    }

    boolean timeIsUp() {
        var at = cancelAt.get();
        return at != NEVER && System.nanoTime() - at >= 0;
    }
}
