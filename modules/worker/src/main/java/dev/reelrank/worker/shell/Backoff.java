package dev.reelrank.worker.shell;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Pauses that double from half a second up to a longest one, until a limit in all. */
final class Backoff {
    private static final long FIRST_MILLIS = 500;
    private static final long SLICE_MILLIS = 50;

    private final long longestMillis;
    private final long until;
    private long nextMillis = FIRST_MILLIS;

    Backoff(Duration longest, Duration limit) {
        this.longestMillis = longest.toMillis();
        this.until = System.nanoTime() + limit.toNanos();
    }

    /** The next pause, milliseconds. */
    long next() {
        return nextMillis;
    }

    /**
     * Sleeps for the next pause.
     *
     * @param stop ends the pause early
     * @return false if the limit is reached or the pause was ended
     */
    boolean pause(BooleanSupplier stop) throws InterruptedException {
        var end = System.nanoTime() + nextMillis * 1_000_000;
        nextMillis = Math.min(longestMillis, nextMillis * 2);
        while (System.nanoTime() - end < 0) {
            if (stop.getAsBoolean() || System.nanoTime() - until >= 0) {
                return false;
            }
            Thread.sleep(SLICE_MILLIS);
        }
        return !stop.getAsBoolean();
    }
}
