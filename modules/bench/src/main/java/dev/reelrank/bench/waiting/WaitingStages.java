package dev.reelrank.bench.waiting;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.stage.CandidateRequest;
import dev.reelrank.pipeline.stage.CandidateResult;
import dev.reelrank.pipeline.stage.GradeRequest;
import dev.reelrank.pipeline.stage.GradeResult;
import dev.reelrank.pipeline.stage.PromptRequest;
import dev.reelrank.pipeline.stage.PromptResult;
import dev.reelrank.pipeline.stage.RankingRequest;
import dev.reelrank.pipeline.stage.RankingResult;
import dev.reelrank.pipeline.stage.Stage;
import dev.reelrank.pipeline.stage.StageContext;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The four stages, waiting. They read their inputs from the store and put their outputs there. */
final class WaitingStages {
    private WaitingStages() {}

    /**
     * @throws StageException INVALID_CONFIG for a stage beside the samples: nothing waits in its
     *     place
     */
    static Stage<?, ?> of(StageName stage, Pace pace, double needsGib, boolean readInputs) {
        var makers = new HashMap<StageName, Supplier<Stage<?, ?>>>();
        makers.put(
                StageName.PROMPT,
                () ->
                        new WaitingStage<PromptRequest, PromptResult>(
                                stage,
                                pace,
                                needsGib,
                                readInputs,
                                PromptRequest::originalPrompt,
                                r -> 0,
                                WaitingStages::prompt));
        makers.put(
                StageName.CANDIDATE,
                () ->
                        new WaitingStage<CandidateRequest, CandidateResult>(
                                stage,
                                pace,
                                needsGib,
                                readInputs,
                                CandidateRequest::prompt,
                                CandidateRequest::seed,
                                WaitingStages::candidate));
        makers.put(
                StageName.RANKING,
                () ->
                        new WaitingStage<RankingRequest, RankingResult>(
                                stage,
                                pace,
                                needsGib,
                                readInputs,
                                RankingRequest::originalPrompt,
                                r -> 0,
                                WaitingStages::ranking));
        makers.put(
                StageName.GRADE,
                () ->
                        new WaitingStage<GradeRequest, GradeResult>(
                                stage,
                                pace,
                                needsGib,
                                readInputs,
                                GradeRequest::originalPrompt,
                                r -> 0,
                                WaitingStages::grade));
        var maker = makers.get(stage);
        if (maker == null) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG, "there is no waiting stage for " + stage.id());
        }
        return maker.get();
    }

    private static PromptResult prompt(PromptRequest request, StageContext context) {
        var text = request.originalPrompt();
        return new PromptResult(
                text, request.config().mode(), PromptResult.Source.ORIGINAL, 1, 0, null, List.of());
    }

    private static CandidateResult candidate(CandidateRequest request, StageContext context) {
        // As long as a small video, and another one for every prompt and seed.
        Integer after = request.pauseAfter();
        String part = after == null ? "" : " after " + after;
        var bytes = (request.prompt() + "#" + request.seed() + part + "\n").repeat(50);
        var video = context.store().putBlob(bytes.getBytes(StandardCharsets.UTF_8), "video/mp4");
        return new CandidateResult(
                request.seed(), video, 16, 16, 1, 1, 8, 8, 1, "euler", 5.0, "none", null, after);
    }

    private static RankingResult ranking(RankingRequest request, StageContext context) {
        for (var candidate : request.candidates()) {
            context.store().fetch(candidate.video(), context.scratch());
        }
        double score = Marks.score(request.originalPrompt());
        var scores =
                request.candidates().stream()
                        .map(
                                c ->
                                        new RankingResult.CandidateScore(
                                                c.seed(), score, 0, 0, 0, 0, 0, 0, 0, 0))
                        .toList();
        return new RankingResult(
                null,
                "none",
                new RankingResult.SubjectMask(false, List.of(), 0, "nothing was looked at"),
                scores,
                new RankingResult.Winner(scores.get(0).seed(), 0, "nothing was compared"),
                0,
                null,
                null,
                scores.stream()
                        .limit(request.keep() == null ? 0 : request.keep())
                        .map(RankingResult.CandidateScore::seed)
                        .toList());
    }

    private static GradeResult grade(GradeRequest request, StageContext context) {
        context.store().fetch(request.video().video(), context.scratch());
        return new GradeResult(
                null,
                null,
                true,
                Map.of(),
                "nothing was looked at",
                request.preference().version(),
                List.of());
    }
}
