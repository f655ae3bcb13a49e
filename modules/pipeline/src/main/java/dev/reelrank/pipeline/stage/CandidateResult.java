package dev.reelrank.pipeline.stage;

import dev.reelrank.pipeline.BlobRef;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A generated candidate, or the draft of one: then the video is a preview of a few frames.
 *
 * @param width pixels
 * @param height pixels
 * @param frames of the video
 * @param fps frames per second
 * @param steps denoising steps that were made
 * @param switchStep where a model has two experts: the first step of the low-noise expert, {@code
 *     steps} if it was never reached
 * @param shift of the noise levels, where the family has one
 * @param codec the encoder that was really used, for example libx264
 * @param used what the generation really used; null in results of versions that did not tell
 * @param pausedAfter of a draft: how many steps were made; null in a candidate
 */
public record CandidateResult(
        long seed,
        BlobRef video,
        int width,
        int height,
        int frames,
        double fps,
        int steps,
        @Nullable Integer switchStep,
        double guidance,
        String scheduler,
        @Nullable Double shift,
        String codec,
        @Nullable GeneratorUse used,
        @Nullable Integer pausedAfter)
        implements StageResult {
    /** A whole candidate. */
    public CandidateResult(
            long seed,
            BlobRef video,
            int width,
            int height,
            int frames,
            double fps,
            int steps,
            @Nullable Integer switchStep,
            double guidance,
            String scheduler,
            @Nullable Double shift,
            String codec,
            @Nullable GeneratorUse used) {
        this(
                seed,
                video,
                width,
                height,
                frames,
                fps,
                steps,
                switchStep,
                guidance,
                scheduler,
                shift,
                codec,
                used,
                null);
    }

    @Override
    public boolean preliminary() {
        return pausedAfter != null;
    }

    @Override
    public List<BlobRef> blobs() {
        return List.of(video);
    }
}
