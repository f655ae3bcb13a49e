package dev.reelrank.testbed;

/** Where the first subject starts, seen from the second. */
public enum Placement {
    LEFT_OF,
    RIGHT_OF,
    /** The first rests on top of the second. */
    ON,
    /** The first is partly hidden by the second. */
    BEHIND
}
