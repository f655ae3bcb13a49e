package dev.reelrank.pipeline.stage;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.RankingConfig;
import java.util.List;
import java.util.stream.Stream;
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

    @Override
    public List<InputBlob> blobs() {
        return Stream.concat(
                        candidates.stream().map(InputBlob::of), Stream.of(InputBlob.given(image)))
                .toList();
    }

    @Override
    public @Nullable String mismatch(StageResult result) {
        return result instanceof RankingResult chosen
                        && candidates.stream().noneMatch(c -> c.seed() == chosen.winner().seed())
                ? "the winner, seed %d, is not a candidate".formatted(chosen.winner().seed())
                : null;
    }
}
