package dev.reelrank.pipeline.stage;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.PromptConfig;
import java.util.List;

/**
 * Write the prompt for one image.
 *
 * @param originalPrompt as the user wrote it, not empty
 */
public record PromptRequest(String originalPrompt, BlobRef image, PromptConfig config)
        implements StageRequest {
    @Override
    public StageName stage() {
        return StageName.PROMPT;
    }

    @Override
    public List<InputBlob> blobs() {
        return List.of(InputBlob.given(image));
    }
}
