package dev.reelrank.pipeline.stage;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.RankingConfig;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Choose among the candidates of one sample.
 *
 * @param subject the user's subject phrase, null to find it in the prompts
 * @param candidates in the order of the configured seeds, at least one; the first is the default
 *     choice
 */
public record RankingRequest(
        String originalPrompt,
        String prompt,
        @Nullable String subject,
        BlobRef image,
        List<CandidateVideo> candidates,
        RankingConfig config)
        implements StageRequest {
    public RankingRequest {
        candidates = List.copyOf(candidates);
    }

    @Override
    public StageName stage() {
        return StageName.RANKING;
    }
}
