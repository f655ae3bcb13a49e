package dev.reelrank.pipeline.stage;

import dev.reelrank.pipeline.BlobRef;
import java.util.List;

/**
 * A generated candidate.
 *
 * @param width pixels
 * @param height pixels
 * @param frames 4k+1
 * @param fps frames a second
 * @param steps denoising steps that were made
 * @param switchStep the first step of the low-noise expert, {@code steps} if it was never reached
 * @param codec the encoder that was really used, for example libx264
 */
public record CandidateResult(
        long seed,
        BlobRef video,
        int width,
        int height,
        int frames,
        double fps,
        int steps,
        int switchStep,
        double guidance,
        String scheduler,
        double shift,
        String codec)
        implements StageResult {
    @Override
    public List<BlobRef> blobs() {
        return List.of(video);
    }
}
