package dev.reelrank.flow.sample;

import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.stage.CandidateVideo;
import dev.reelrank.pipeline.stage.GradeRequest;
import dev.reelrank.pipeline.stage.StageRequest;
import org.jspecify.annotations.Nullable;

/** Grades the winner. A sample whose grading failed still has its video. */
final class GradeStep implements SampleStep {
    @Override
    public StageName stage() {
        return StageName.GRADE;
    }

    @Override
    public StageRequest request(SampleSoFar soFar, @Nullable Long seed) {
        var sample = soFar.sample();
        var ranking = Earlier.ranking(soFar);
        long chosen = ranking.winner().seed();
        var winner =
                Earlier.videos(soFar).stream()
                        .filter(v -> v.seed() == chosen)
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        new IllegalStateException(
                                                "the winner of %s is not one of its candidates: seed %d"
                                                        .formatted(sample.sampleId(), chosen)));
        return new GradeRequest(
                sample.originalPrompt(),
                Earlier.prompt(soFar).prompt(),
                ranking.subject(),
                sample.image(),
                // The grade does not ask which model made it.
                new CandidateVideo(winner.seed(), winner.video(), winner.workId()),
                soFar.preference(),
                sample.configuration().grade());
    }

    @Override
    public boolean dispensable() {
        return true;
    }
}
