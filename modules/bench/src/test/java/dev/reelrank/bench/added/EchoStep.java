package dev.reelrank.bench.added;

import dev.reelrank.flow.sample.SampleSoFar;
import dev.reelrank.flow.sample.SampleStep;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.stage.CandidateResult;
import dev.reelrank.pipeline.stage.CandidateVideo;
import dev.reelrank.pipeline.stage.PromptResult;
import dev.reelrank.pipeline.stage.RankingResult;
import dev.reelrank.pipeline.stage.StageRequest;
import org.jspecify.annotations.Nullable;

/** What a sample asks of the echo, once it has been graded. */
final class EchoStep implements SampleStep {
    @Override
    public StageName stage() {
        return EchoStage.ECHO;
    }

    @Override
    public StageRequest request(SampleSoFar sample, @Nullable Long seed) {
        var prompt = (PromptResult) sample.result(StageName.PROMPT, null).orElseThrow();
        var ranking = (RankingResult) sample.result(StageName.RANKING, null).orElseThrow();
        long winner = ranking.winner().seed();
        var made = (CandidateResult) sample.result(StageName.CANDIDATE, winner).orElseThrow();
        return new EchoRequest(
                prompt.prompt(),
                new CandidateVideo(
                        winner, made.video(), sample.workId(StageName.CANDIDATE, winner)),
                new EchoConfig(3));
    }
}
