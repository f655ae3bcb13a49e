package dev.reelrank.bench.chaos;

import java.util.Locale;

/** The kinds of fault that {@code bench chaos} injects into a farm. */
public enum Fault {
    KILL_PROMPT,
    KILL_CANDIDATE,
    KILL_RANKING,
    KILL_GRADE,
    KILL_FLOW,
    /** Killed by its supervisor once its heartbeat is old. */
    STOP_PROMPT,
    STOP_CANDIDATE,
    STOP_RANKING,
    STOP_GRADE,
    /** Stopped for a while, then it goes on, as after a long pause of its host. */
    PAUSE_FLOW,
    KILL_BROKER,
    STORE_AWAY,
    STORE_FULL,
    CORRUPT_WORK_BYTES,
    CORRUPT_RESULT_BYTES,
    /** Every record of a work topic is deleted, what is in work among them. */
    DELETE_WORK,
    CORRUPT_STORED_RESULT,
    /** A candidate's video, which a later stage may still need. */
    CORRUPT_BLOB,
    /** A worker is asked to end and comes back. */
    TERMINATE_CANDIDATE;

    String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
