package dev.reelrank.worker.shell;

import dev.reelrank.worker.health.StageMetrics;
import dev.reelrank.worker.lease.Capacity;
import dev.reelrank.worker.lease.Claim;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The part of the device's memory that a stage holds, waits for, or neither. One thread calls it,
 * except {@link #beat}.
 */
final class Room implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Room.class);

    private final Capacity memory;
    private final String holder;
    private final StageMetrics metrics;
    private volatile @Nullable Claim claim;
    private boolean held;
    private long heldSince;

    Room(Capacity memory, String holder, StageMetrics metrics) {
        this.memory = memory;
        this.holder = holder;
        this.metrics = metrics;
    }

    boolean held() {
        return held;
    }

    /** Whether a place in the line is kept, granted or not. */
    boolean asked() {
        return claim != null;
    }

    /** Whether the held room is as large as that. */
    boolean fits(double gib) {
        var c = claim;
        return held && c != null && c.amount() >= gib;
    }

    /** All of the device: nothing else is loaded on it. */
    double everything() {
        return memory.total();
    }

    /** Takes a place in the line, unless one is kept. */
    void ask(double gib) {
        var c = claim;
        if (c != null && c.amount() < gib) {
            close();
            c = null;
        }
        if (c == null) {
            claim = memory.ask(gib, holder);
        }
    }

    /**
     * Waits for the place to be granted; the place is kept if it is not.
     *
     * @param limit how long
     * @param stop ends the waiting
     */
    boolean await(Duration limit, BooleanSupplier stop) throws InterruptedException {
        if (held) {
            return true;
        }
        var c = claim;
        if (c == null) {
            throw new IllegalStateException("ask first");
        }
        var until = System.nanoTime() + limit.toNanos();
        if (c.await(() -> stop.getAsBoolean() || System.nanoTime() - until >= 0)) {
            held = true;
            heldSince = System.nanoTime();
            metrics.reserved(c.amount());
            log.info("reserved {} GiB of the device", "%.2f".formatted(c.amount()));
        }
        return held;
    }

    /** How long the room has been held. */
    Duration age() {
        return held ? Duration.ofNanos(System.nanoTime() - heldSince) : Duration.ZERO;
    }

    /** Whether another worker waits for this room. */
    boolean wanted() {
        var c = claim;
        return held && c != null && c.wanted();
    }

    /** Says that this room is the one to become free; false if nobody needs it any more. */
    boolean giveWay() {
        var c = claim;
        return held && c != null && c.giveWay();
    }

    void beat() {
        var c = claim;
        if (c != null) {
            c.beat();
        }
    }

    /** Gives the room, or the place in the line, back. */
    @Override
    public void close() {
        var c = claim;
        if (c != null) {
            c.close();
            claim = null;
        }
        if (held) {
            held = false;
            metrics.reserved(0);
            log.info("gave the device back");
        }
    }
}
