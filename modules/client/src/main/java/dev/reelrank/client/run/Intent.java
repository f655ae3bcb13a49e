package dev.reelrank.client.run;

import dev.reelrank.pipeline.config.RunConfiguration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a {@code run} set out to do, written before it submits anything: killed at any instant, it
 * is started again with the same ids, and what is sent twice is one.
 *
 * @param submissionId of the only submission of this command
 * @param dataset absolute folder
 * @param prompts absolute folder of edited prompts, null for none
 * @param out absolute folder of all runs' results
 */
public record Intent(
        String runId,
        String submissionId,
        String dataset,
        List<String> sampleIds,
        @Nullable String prompts,
        String out,
        RunConfiguration configuration) {

    /** Whether both ask for the same thing, whatever the run is called. */
    public boolean sameRequest(Intent other) {
        return dataset.equals(other.dataset)
                && sampleIds.equals(other.sampleIds)
                && Objects.equals(prompts, other.prompts)
                && out.equals(other.out)
                && configuration.equals(other.configuration);
    }
}
