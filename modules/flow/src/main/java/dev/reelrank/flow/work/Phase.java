package dev.reelrank.flow.work;

/** Where a piece of work stands. */
public enum Phase {
    /** Its inputs are not all there (any more). */
    WAITING,
    /** It is on its queue or with a worker. */
    OPEN,
    /** A fact exists for its epoch. */
    SUCCEEDED,
    /** A dead letter exists for its epoch. */
    FAILED
}
