package dev.reelrank.testbed;

/** How the first subject goes where it goes; it matters for moves along a straight line alone. */
public enum Manner {
    /** Upright. */
    SLIDE,
    /**
     * Turning as a wheel of the subject's radius does: clockwise to the right and downward,
     * counterclockwise to the left and upward.
     */
    ROLL
}
