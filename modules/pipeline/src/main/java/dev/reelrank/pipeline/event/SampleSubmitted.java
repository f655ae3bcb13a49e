package dev.reelrank.pipeline.event;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.config.RunConfiguration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A sample enters a run. For a sample that failed in this run it is a retry; for one that is done,
 * nothing.
 *
 * @param submissionId of the submit that sent it
 * @param subject the user's subject phrase, null to find it
 * @param userPrompt an edited prompt: it becomes the prompt fact, no model is asked
 * @param inherited facts of an earlier run that stand in this one too, in the order of the stages
 */
public record SampleSubmitted(
        String runId,
        String submissionId,
        String sampleId,
        String originalPrompt,
        BlobRef image,
        @Nullable String subject,
        @Nullable String userPrompt,
        RunConfiguration configuration,
        List<StageFact> inherited,
        Instant at)
        implements Event {
    public SampleSubmitted {
        inherited = List.copyOf(inherited);
    }
}
