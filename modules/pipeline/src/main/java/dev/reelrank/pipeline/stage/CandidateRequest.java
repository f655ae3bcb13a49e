package dev.reelrank.pipeline.stage;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.InKeyWhenSet;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.CandidateConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Generate one candidate.
 *
 * @param prompt the written prompt
 * @param image the reference image; null for text-to-video
 * @param seed of the noise, 0..2^63-1
 * @param pauseAfter make a draft: pause after so many steps, at least 1; null: make the video
 */
public record CandidateRequest(
        String prompt,
        @Nullable BlobRef image,
        long seed,
        CandidateConfig config,
        @InKeyWhenSet @Nullable Integer pauseAfter)
        implements StageRequest {
    /** Asks for a whole candidate, from the noise. */
    public CandidateRequest(
            String prompt, @Nullable BlobRef image, long seed, CandidateConfig config) {
        this(prompt, image, seed, config, null);
    }

    @Override
    public StageName stage() {
        return StageName.CANDIDATE;
    }

    @Override
    public List<InputBlob> blobs() {
        var all = new ArrayList<>(InputBlob.optional(image));
        if (config.loras() != null) {
            for (var lora : config.loras()) {
                lora.files().values().forEach(file -> all.add(InputBlob.given(file)));
            }
        }
        return all;
    }

    @Override
    public @Nullable String mismatch(StageResult result) {
        if (!(result instanceof CandidateResult made)) {
            return null;
        }
        if (made.seed() != seed) {
            return "seed %d was requested, but the result has seed %d".formatted(seed, made.seed());
        }
        return Objects.equals(made.pausedAfter(), pauseAfter)
                ? null
                : "a pause after step %s was requested, but the result has one after step %s"
                        .formatted(pauseAfter, made.pausedAfter());
    }
}
