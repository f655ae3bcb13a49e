package dev.reelrank.pipeline;

/** How every reelrank process says how it ended. */
public final class ExitCode {
    public static final int OK = 0;

    /** The command did its work, but some sample failed, or the sample it was about did. */
    public static final int SAMPLE_FAILED = 1;

    /** Wrong usage or configuration: the same command ends the same way. */
    public static final int CONFIG = 2;

    /**
     * Model files are missing or do not fit: the same command ends the same way until they are
     * there.
     */
    public static final int MODEL = 3;

    /** Not enough memory or disk. */
    public static final int RESOURCES = 4;

    /** Store, broker or endpoint does not answer. */
    public static final int EXTERNAL = 5;

    /** A study found a metric significantly worse than its baseline. */
    public static final int WORSE = 6;

    /** A fault of ours; the log has the stack trace. */
    public static final int INTERNAL = 70;

    /**
     * A worker met a fault of ours, reported it and asks for a new process: start it again at once,
     * this is no death.
     */
    public static final int RESTART = 75;

    /** Ended by Ctrl-C. */
    public static final int INTERRUPTED = 130;

    private ExitCode() {}

    public static int of(FailureCategory category) {
        return switch (category) {
            case USER -> SAMPLE_FAILED;
            case CONFIG -> CONFIG;
            case MODEL -> MODEL;
            case RESOURCES -> RESOURCES;
            case EXTERNAL -> EXTERNAL;
            case INTERNAL -> INTERNAL;
        };
    }
}
