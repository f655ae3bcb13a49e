package dev.reelrank.worker.shell;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The end of a worker, seen by all its threads. Once it is requested, the worker takes no new work.
 * Work in progress may finish until the time is up; then it is cancelled between two steps and
 * returned.
 */
public final class Ending {
    private static final long NEVER = Long.MAX_VALUE;

    private final Duration drainTimeout;
    private final AtomicLong cancelAt = new AtomicLong(NEVER);

    Ending(Duration drainTimeout) {
        this.drainTimeout = drainTimeout;
    }

    /** Requests the end from any thread: work in progress gets the drain timeout. */
    void ask() {
        ask(drainTimeout);
    }

    /**
     * @param time for work in progress; a shorter time than before counts, a longer one does not
     */
    void ask(Duration time) {
        var at = System.nanoTime() + time.toNanos();
        cancelAt.accumulateAndGet(
                at, (before, now) -> before == NEVER ? now : Math.min(before, now));
    }

    boolean asked() {
        return cancelAt.get() != NEVER;
    }

    /** Remaining time for work in progress, at least 0; only after the end was requested. */
    Duration left() {
        return Duration.ofNanos(Math.max(0, cancelAt.get() - System.nanoTime()));
    }

    boolean timeIsUp() {
        var at = cancelAt.get();
        return at != NEVER && System.nanoTime() - at >= 0;
    }
}
