package dev.reelrank.flow.sample;

import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.stage.CandidateResult;
import dev.reelrank.pipeline.stage.CandidateVideo;
import dev.reelrank.pipeline.stage.PromptResult;
import dev.reelrank.pipeline.stage.RankingResult;
import dev.reelrank.pipeline.stage.StageResult;
import java.util.List;
import java.util.function.Predicate;

/** What earlier steps of a sample found. */
final class Earlier {
    private Earlier() {}

    static PromptResult prompt(SampleSoFar soFar) {
        return required(soFar, StageName.PROMPT, PromptResult.class);
    }

    static RankingResult ranking(SampleSoFar soFar) {
        return required(soFar, StageName.RANKING, RankingResult.class);
    }

    /** The candidates that there are, in the order of the configured seeds. */
    static List<CandidateVideo> videos(SampleSoFar soFar) {
        return videos(soFar, "", seed -> true);
    }

    /** Those that were made with the same weights. */
    static List<CandidateVideo> comparableVideos(SampleSoFar soFar) {
        return videos(soFar, "", seed -> soFar.alike(StageName.CANDIDATE, seed, ""));
    }

    /** The previews of the drafts that were made with the same weights, in the same order. */
    static List<CandidateVideo> comparableDrafts(SampleSoFar soFar) {
        String part = DraftStep.PART;
        return videos(soFar, part, seed -> soFar.alike(StageName.CANDIDATE, seed, part));
    }

    private static List<CandidateVideo> videos(
            SampleSoFar soFar, String part, Predicate<Long> which) {
        var candidate = soFar.sample().configuration().candidate();
        return soFar.seeds().stream()
                .filter(which)
                .flatMap(
                        seed ->
                                soFar.result(StageName.CANDIDATE, seed, part).stream()
                                        .map(CandidateResult.class::cast)
                                        .map(
                                                made ->
                                                        new CandidateVideo(
                                                                made.seed(),
                                                                made.video(),
                                                                soFar.workId(
                                                                        StageName.CANDIDATE,
                                                                        seed,
                                                                        part),
                                                                candidate.models().isEmpty()
                                                                        ? null
                                                                        : candidate.modelOf(seed))))
                .toList();
    }

    private static <R extends StageResult> R required(
            SampleSoFar soFar, StageName stage, Class<R> type) {
        return soFar.result(stage, null)
                .map(type::cast)
                .orElseThrow(
                        () ->
                                new IllegalStateException(
                                        "sample %s has no %s result to continue with"
                                                .formatted(soFar.sample().sampleId(), stage)));
    }
}
