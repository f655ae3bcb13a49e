package dev.reelrank.client.evaluation;

import dev.reelrank.client.results.RunView;
import dev.reelrank.client.results.SampleView;
import dev.reelrank.pipeline.config.EvaluateConfig;
import dev.reelrank.pipeline.event.SampleFact;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.stage.CandidateResult;
import dev.reelrank.pipeline.stage.CandidateVideo;
import dev.reelrank.pipeline.stage.EvaluateRequest;
import java.util.ArrayList;
import java.util.List;

/**
 * A video of a run to be evaluated.
 *
 * @param runId the run
 * @param sampleId the sample
 * @param request what is asked
 */
public record EvaluationItem(String runId, String sampleId, EvaluateRequest request) {
    /** Seed of the candidate. */
    public long seed() {
        return request.video().seed();
    }

    /** The winner of every sample of a run that has one. */
    public static List<EvaluationItem> winners(RunView run, EvaluateConfig config) {
        return of(run, config, false);
    }

    /** Every candidate of a run. */
    public static List<EvaluationItem> candidates(RunView run, EvaluateConfig config) {
        return of(run, config, true);
    }

    private static List<EvaluationItem> of(RunView run, EvaluateConfig config, boolean all) {
        var items = new ArrayList<EvaluationItem>();
        for (SampleView sample : run.samples().values()) {
            var fact = sample.sample();
            if (fact.isEmpty()) {
                continue;
            }
            for (StageFact made : sample.facts()) {
                if (made.result() instanceof CandidateResult candidate
                        && (all || isWinner(sample, candidate))) {
                    items.add(item(run.runId(), fact.get(), made, candidate, config));
                }
            }
        }
        return items;
    }

    private static boolean isWinner(SampleView sample, CandidateResult candidate) {
        return sample.winner().map(w -> w.seed() == candidate.seed()).orElse(false);
    }

    private static EvaluationItem item(
            String runId,
            SampleFact sample,
            StageFact made,
            CandidateResult candidate,
            EvaluateConfig config) {
        return new EvaluationItem(
                runId,
                sample.sampleId(),
                new EvaluateRequest(
                        sample.originalPrompt(),
                        sample.subject(),
                        sample.image(),
                        new CandidateVideo(
                                candidate.seed(), candidate.video(), made.work().workId()),
                        config));
    }
}
