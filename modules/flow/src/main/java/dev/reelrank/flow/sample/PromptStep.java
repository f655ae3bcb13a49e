package dev.reelrank.flow.sample;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.PromptLength;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.stage.PromptRequest;
import dev.reelrank.pipeline.stage.StageRequest;
import org.jspecify.annotations.Nullable;

/** Writes the prompt. */
final class PromptStep implements SampleStep {
    @Override
    public StageName stage() {
        return StageName.PROMPT;
    }

    @Override
    public StageRequest request(SampleSoFar soFar, @Nullable Long seed) {
        var sample = soFar.sample();
        if (sample.originalPrompt().isBlank()) {
            throw new StageException(
                    FailureCode.EMPTY_PROMPT,
                    "the prompt of sample '%s' is empty; write one and submit it to a new run"
                            .formatted(sample.sampleId()));
        }
        PromptLength.require(
                sample.originalPrompt(), "the prompt of sample '" + sample.sampleId() + "'");
        return new PromptRequest(
                sample.originalPrompt(), sample.image(), sample.configuration().prompt());
    }
}
