package dev.reelrank.pipeline;

/** Whose failure it is; it decides what happens to the work item (docs/decisions: failures). */
public enum FailureCategory {
    /** The sample itself: it fails at once, the other samples go on. */
    USER,
    /** The configuration of a process: it stops before it takes any work. */
    CONFIG,
    /** Files of a model are missing or do not fit. */
    MODEL,
    /** Memory or disk: the worker backs off and tries again. */
    RESOURCES,
    /** Store, broker or endpoint: the worker pauses; nothing is blamed on the sample. */
    EXTERNAL,
    /** A fault of ours, or an unknown one. */
    INTERNAL
}
