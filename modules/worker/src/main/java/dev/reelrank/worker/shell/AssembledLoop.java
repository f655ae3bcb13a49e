package dev.reelrank.worker.shell;

import dev.reelrank.bus.WorkQueue;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.worker.health.StageMetrics;
import dev.reelrank.worker.health.WorkerState;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * A stage's loop with what must be closed after it.
 *
 * @param name the stage's id
 * @param tainted whether a fault of ours asks for another process
 */
record AssembledLoop(
        String name,
        Runnable loop,
        BooleanSupplier tainted,
        WorkQueue queue,
        QueueMembers members,
        Room room,
        StageMetrics metrics,
        Watchdog watchdog)
        implements AutoCloseable {
    void run() {
        loop.run();
    }

    void beat() {
        room.beat();
    }

    /** How long the cluster has not answered. */
    Duration silence() {
        return members.silence();
    }

    /** Whether the work in hand no longer moves on. */
    boolean stalled() {
        return watchdog.stalled();
    }

    WorkerState state() {
        return metrics.state();
    }

    int exitCode() {
        return tainted.getAsBoolean() ? ExitCode.RESTART : ExitCode.OK;
    }

    /** Hands back what is not accepted. */
    @Override
    public void close() {
        watchdog.close();
        queue.close();
        members.close();
    }
}
