package dev.reelrank.bus;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long a process keeps what it cannot read because a newer build wrote it. It waits once, so
 * that an upgrade which is under way loses no time; after that what it cannot read becomes a dead
 * letter with its bytes, and the rest goes on. For all threads.
 *
 * <p>The wait is one for all such records together: whoever sends many of them stops nobody for
 * longer than whoever sends one.
 */
public final class Quarantine {
    /** After so long without an unreadable record the next one is waited for again. */
    private static final long CALM_NANOS = Duration.ofHours(1).toNanos();

    private final Duration patience;
    private @Nullable Long since;
    private long last;

    /**
     * @param patience may be zero: then nothing is waited for
     */
    public Quarantine(Duration patience) {
        this.patience = patience;
    }

    /** A record cannot be read: how much longer to keep it; zero: it is to become a dead letter. */
    public synchronized Duration left() {
        long now = System.nanoTime();
        if (since == null || now - last > CALM_NANOS) {
            since = now;
        }
        last = now;
        var left = patience.minusNanos(now - since);
        return left.isNegative() ? Duration.ZERO : left;
    }
}
