package dev.reelrank.pipeline;

/**
 * Every failure has a code; its category decides about retries. Names are stable: they stand in
 * events and metrics.
 */
public enum FailureCode {
    UNREADABLE_IMAGE(FailureCategory.USER),
    UNREADABLE_VIDEO(FailureCategory.USER),
    EMPTY_PROMPT(FailureCategory.USER),
    PROMPT_TOO_LONG(FailureCategory.USER),
    INVALID_SAMPLE_ID(FailureCategory.USER),
    INVALID_SAMPLE(FailureCategory.USER),
    NO_CANDIDATE(FailureCategory.USER),
    /** A user cancelled the sample. */
    CANCELLED(FailureCategory.USER),

    INVALID_CONFIG(FailureCategory.CONFIG),
    UNKNOWN_SCHEMA(FailureCategory.CONFIG),
    TOPIC_MISCONFIGURED(FailureCategory.CONFIG),

    MODEL_MISSING(FailureCategory.MODEL),
    MODEL_MISMATCH(FailureCategory.MODEL),

    OUT_OF_DEVICE_MEMORY(FailureCategory.RESOURCES),
    OUT_OF_MEMORY(FailureCategory.RESOURCES),
    OUT_OF_DISK(FailureCategory.RESOURCES),

    STORE_UNAVAILABLE(FailureCategory.EXTERNAL),
    BROKER_UNAVAILABLE(FailureCategory.EXTERNAL),
    ENDPOINT_UNAVAILABLE(FailureCategory.EXTERNAL),

    INTERNAL_ERROR(FailureCategory.INTERNAL),
    /**
     * An input blob that an earlier stage produced is missing or altered; flow has that work done
     * again.
     */
    INPUT_LOST(FailureCategory.INTERNAL),
    /** Five processes died while they held this item. */
    CRASHED(FailureCategory.INTERNAL),
    /** A record whose bytes are no event. */
    UNDECODABLE(FailureCategory.INTERNAL);

    private final FailureCategory category;

    FailureCode(FailureCategory category) {
        this.category = category;
    }

    public FailureCategory category() {
        return category;
    }
}
