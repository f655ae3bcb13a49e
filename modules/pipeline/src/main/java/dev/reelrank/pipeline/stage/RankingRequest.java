package dev.reelrank.pipeline.stage;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.InKeyWhenSet;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.RankingConfig;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Choose among the candidates of one sample.
 *
 * @param subject the user's subject phrase, null to find it in the prompts
 * @param candidates in the order of the configured seeds, at least one; the first is the default
 *     choice
 * @param keep the candidates are drafts: put so many of them in order, the best first; flow asks
 *     for all, so that one answer serves every number that goes on; null: choose the one that wins
 */
public record RankingRequest(
        String originalPrompt,
        String prompt,
        @Nullable String subject,
        BlobRef image,
        List<CandidateVideo> candidates,
        RankingConfig config,
        @InKeyWhenSet @Nullable Integer keep)
        implements StageRequest {
    /** Asks for the one that wins. */
    public RankingRequest(
            String originalPrompt,
            String prompt,
            @Nullable String subject,
            BlobRef image,
            List<CandidateVideo> candidates,
            RankingConfig config) {
        this(originalPrompt, prompt, subject, image, candidates, config, null);
    }

    public RankingRequest {
        candidates = List.copyOf(candidates);
    }

    /** The same of drafts: asks for all of them in order. */
    public RankingRequest ofDrafts() {
        return new RankingRequest(
                originalPrompt, prompt, subject, image, candidates, config, candidates.size());
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
        if (!(result instanceof RankingResult chosen)) {
            return null;
        }
        var seeds = candidates.stream().map(CandidateVideo::seed).toList();
        if (!seeds.contains(chosen.winner().seed())) {
            return "the winner, seed %d, is not a candidate".formatted(chosen.winner().seed());
        }
        int wanted = keep == null ? 0 : Math.min(keep, seeds.size());
        var ordered = new HashSet<>(chosen.kept());
        boolean right =
                chosen.kept().size() == wanted
                        && ordered.size() == wanted
                        && seeds.containsAll(ordered);
        return right
                ? null
                : "%d of the candidates %s were to be put in order, but the result has %s"
                        .formatted(wanted, seeds, chosen.kept());
    }
}
