package dev.reelrank.worker.health;

import java.util.Locale;

/** The life of a worker's stage. */
public enum WorkerState {
    /** Checks configuration, model files and device; takes no work yet. */
    STARTING(true),
    /** Asks the queue for work. */
    POLLING(true),
    /** Has work and waits for room on its device or for cores. */
    WAITING(true),
    /** Loads or computes. */
    WORKING(true),
    /** Store, broker, disk or memory failed; keeps its work and tries again. */
    PAUSED(false),
    /** Was asked to end and finishes what it holds. */
    DRAINING(false),
    STOPPED(false);

    private final boolean ready;

    WorkerState(boolean ready) {
        this.ready = ready;
    }

    /** Whether work makes progress here. */
    public boolean ready() {
        return ready;
    }

    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}
