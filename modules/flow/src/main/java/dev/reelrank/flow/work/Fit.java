package dev.reelrank.flow.work;

import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.stage.CandidateRequest;
import dev.reelrank.pipeline.stage.CandidateResult;
import dev.reelrank.pipeline.stage.GradeResult;
import dev.reelrank.pipeline.stage.PromptResult;
import dev.reelrank.pipeline.stage.RankingRequest;
import dev.reelrank.pipeline.stage.RankingResult;
import dev.reelrank.pipeline.stage.StageRequest;
import dev.reelrank.pipeline.stage.StageResult;
import dev.reelrank.pipeline.stage.TuneResult;
import org.jspecify.annotations.Nullable;

/** Whether an answer is one to its question; the steps that follow rely on it. */
public final class Fit {
    private Fit() {}

    /** The kind of result a stage gives. */
    public static Class<? extends StageResult> resultOf(StageName stage) {
        return switch (stage) {
            case PROMPT -> PromptResult.class;
            case CANDIDATE -> CandidateResult.class;
            case RANKING -> RankingResult.class;
            case GRADE -> GradeResult.class;
            case TUNE -> TuneResult.class;
        };
    }

    /** What is wrong with the answer, null if nothing is. */
    public static @Nullable String misfit(StageRequest request, StageResult result) {
        if (result.getClass() != resultOf(request.stage())) {
            return "a %s answers %s work"
                    .formatted(result.getClass().getSimpleName(), request.stage().id());
        }
        if (request instanceof CandidateRequest asked
                && result instanceof CandidateResult made
                && asked.seed() != made.seed()) {
            return "seed %d was asked for, seed %d was made".formatted(asked.seed(), made.seed());
        }
        if (request instanceof RankingRequest asked && result instanceof RankingResult chosen) {
            var winner = chosen.winner();
            if (asked.candidates().stream().noneMatch(c -> c.seed() == winner.seed())) {
                return "the winner, seed %d, was no candidate".formatted(winner.seed());
            }
        }
        return null;
    }
}
