package dev.reelrank.flow.sample;

import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.stage.StageRequest;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a sample requests of one stage. The steps are taken in order: a step requests its work when
 * the previous step has ended, and the next one waits until all work of this one has ended.
 */
public interface SampleStep {
    StageName stage();

    /**
     * Which part of the stage's work it is: a stage may be asked before its own step, for what
     * decides how to go on. Empty in the stage's own step.
     */
    default String part() {
        return "";
    }

    /**
     * The seeds of its work items, one work item per seed; a single null for a stage without seeds;
     * empty if this sample passes the step over.
     */
    default List<@Nullable Long> seeds(SampleSoFar sample) {
        return Collections.singletonList(null);
    }

    /**
     * The request, from the sample and the results of earlier steps.
     *
     * @throws dev.reelrank.pipeline.StageException if there is nothing to request: the work fails
     *     for good with this code and message
     */
    StageRequest request(SampleSoFar sample, @Nullable Long seed);

    /**
     * Whether the sample can succeed without this step: it continues although none of the step's
     * work succeeded. Otherwise it fails.
     */
    default boolean dispensable() {
        return false;
    }
}
