package dev.reelrank.pipeline;

import java.util.Locale;

/**
 * The stages of the pipeline, in the order a sample passes them; {@link #TUNE} stands beside them
 * and learns from selections.
 */
public enum StageName {
    PROMPT,
    CANDIDATE,
    RANKING,
    GRADE,
    TUNE;

    /**
     * The name used in topics, commands, file names and metrics: {@code prompt}, {@code candidate},
     * …
     */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Reads an {@link #id()}; the error lists the valid ones. */
    public static StageName parse(String id) {
        for (var stage : values()) {
            if (stage.id().equals(id)) {
                return stage;
            }
        }
        throw new StageException(
                FailureCode.INVALID_CONFIG,
                "no such stage: '" + id + "'; use prompt, candidate, ranking, grade or tune");
    }
}
