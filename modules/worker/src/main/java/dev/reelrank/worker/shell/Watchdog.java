package dev.reelrank.worker.shell;

import java.time.Duration;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the work of a loop by what it gets done, not by a timer that ticks beside it. Work
 * without progress is first asked to end; where that does not help, because the thread hangs in a
 * call that nobody can interrupt, the process ends, and another one takes the record.
 */
final class Watchdog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);
    private static final long NEVER = Long.MAX_VALUE;

    private final long stallNanos;
    private final long graceNanos;
    private final Runnable end;
    private final Thread thread;

    /** Of {@link System#nanoTime}; {@link #NEVER} without work. */
    private volatile long deadline = NEVER;

    private volatile boolean stalled;

    /**
     * @param stall work without progress for so long is asked to end
     * @param grace how long it may take to do so
     * @param end ends the process at once
     */
    Watchdog(Duration stall, Duration grace, Runnable end) {
        this.stallNanos = stall.toNanos();
        this.graceNanos = grace.toNanos();
        this.end = end;
        this.thread = new Thread(this::watch, "watchdog");
        thread.setDaemon(true);
        thread.start();
    }

    /** Work begins; it must move on from now on. */
    void begin() {
        stalled = false;
        progress();
    }

    /** Work has moved on. */
    void progress() {
        deadline = System.nanoTime() + stallNanos;
    }

    /**
     * Work has ended.
     *
     * @return whether it had to be asked to end
     */
    boolean end() {
        deadline = NEVER;
        return stalled;
    }

    /** Whether the work in hand should end, for it no longer moves on. */
    boolean stalled() {
        return stalled;
    }

    private void watch() {
        long pause = Math.max(1, Math.min(1_000, Math.min(stallNanos, graceNanos) / 5_000_000));
        try {
            while (true) {
                Thread.sleep(pause);
                long limit = deadline;
                if (limit == NEVER) {
                    continue;
                }
                long over = System.nanoTime() - limit;
                if (over > 0 && !stalled) {
                    stalled = true;
                    LOG.error(
                            "no progress for {} s: the work is asked to end",
                            Duration.ofNanos(stallNanos).toSeconds());
                }
                if (over > graceNanos) {
                    LOG.error("the work does not end: the process does, and another one takes it");
                    stacks();
                    end.run();
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void stacks() {
        for (Map.Entry<Thread, StackTraceElement[]> each : Thread.getAllStackTraces().entrySet()) {
            var text = new StringBuilder(each.getKey().getName());
            for (var frame : each.getValue()) {
                text.append("\n    at ").append(frame);
            }
            LOG.error("{}", text);
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
