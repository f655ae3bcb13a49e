package dev.reelrank.evaluation.metric;

/** Which values of a metric are better. */
public enum Direction {
    HIGHER,
    LOWER,
    /** Neither: it is shown beside the others and judged by nobody. */
    NEITHER;

    /** Whether a difference is an improvement in one of the two directions. */
    public boolean judged() {
        return this != NEITHER;
    }
}
