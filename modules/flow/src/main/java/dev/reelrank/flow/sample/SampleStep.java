package dev.reelrank.flow.sample;

import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.stage.StageRequest;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a sample asks of one stage on its way. The steps are taken in order: a step asks once what
 * came before has ended, and the next one waits until all that this one asked for has ended.
 */
public interface SampleStep {
    StageName stage();

    /** The seeds that it asks for, each one piece of work; one null where there are none. */
    default List<@Nullable Long> seeds(SampleSoFar sample) {
        return Collections.singletonList(null);
    }

    /**
     * The request, from what the sample is and what earlier steps found.
     *
     * @throws dev.reelrank.pipeline.StageException if there is nothing to ask: the work is given up
     *     with this code and message
     */
    StageRequest request(SampleSoFar sample, @Nullable Long seed);

    /**
     * Whether the sample can do without: it goes on, and ends well, although nothing that this step
     * asked for succeeded. Else it fails.
     */
    default boolean dispensable() {
        return false;
    }
}
