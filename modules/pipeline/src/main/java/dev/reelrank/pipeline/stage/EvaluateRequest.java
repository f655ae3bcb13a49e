package dev.reelrank.pipeline.stage;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.EvaluateConfig;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Measure one video by published metrics, on the original prompt.
 *
 * @param originalPrompt as the user wrote it
 * @param subject the user's subject phrase, null to find it in the prompt
 * @param image the reference
 */
public record EvaluateRequest(
        String originalPrompt,
        @Nullable String subject,
        BlobRef image,
        CandidateVideo video,
        EvaluateConfig config)
        implements StageRequest {
    @Override
    public StageName stage() {
        return StageName.EVALUATE;
    }

    /** The work that made the video is not told: flow would repeat it in a run that has ended. */
    @Override
    public List<InputBlob> blobs() {
        return List.of(InputBlob.given(video.video()), InputBlob.given(image));
    }
}
