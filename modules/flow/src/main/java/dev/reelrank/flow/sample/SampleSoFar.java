package dev.reelrank.flow.sample;

import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.SampleSubmitted;
import dev.reelrank.pipeline.stage.PreferenceVersion;
import dev.reelrank.pipeline.stage.StageResult;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A sample in progress, as a step sees it. */
public interface SampleSoFar {
    /** What was submitted. */
    SampleSubmitted sample();

    /**
     * The seeds of its candidates: the configured ones, then those that were tried because the gate
     * kept none.
     */
    List<Long> seeds();

    /** The preference model in force now. */
    PreferenceVersion preference();

    /** The result of a stage, empty if it failed or was not requested. */
    default Optional<StageResult> result(StageName stage, @Nullable Long seed) {
        return result(stage, seed, "");
    }

    /**
     * The result of a part of a stage's work.
     *
     * @param part of {@link SampleStep#part}
     */
    Optional<StageResult> result(StageName stage, @Nullable Long seed, String part);

    /** Whether this work waits for an outcome. */
    boolean open(StageName stage, @Nullable Long seed);

    /** Whether this work was given up. */
    boolean failed(StageName stage, @Nullable Long seed);

    /**
     * Whether a result can be compared with those of the other seeds: most of them were made with
     * the same weights.
     */
    boolean alike(StageName stage, @Nullable Long seed, String part);

    /** The id of a stage's own work for this sample. */
    default String workId(StageName stage, @Nullable Long seed) {
        return workId(stage, seed, "");
    }

    /** The id of a part of a stage's work for this sample. */
    String workId(StageName stage, @Nullable Long seed, String part);
}
