package dev.reelrank.pipeline.stage;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.CandidateConfig;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Generate one candidate.
 *
 * @param prompt the written prompt
 * @param image the reference image; null for text-to-video
 * @param seed of the noise, 0..2^63-1
 */
public record CandidateRequest(
        String prompt, @Nullable BlobRef image, long seed, CandidateConfig config)
        implements StageRequest {
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
        return result instanceof CandidateResult made && made.seed() != seed
                ? "seed %d was requested, but the result has seed %d".formatted(seed, made.seed())
                : null;
    }
}
