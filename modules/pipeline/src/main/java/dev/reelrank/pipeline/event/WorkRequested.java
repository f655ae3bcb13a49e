package dev.reelrank.pipeline.event;

import dev.reelrank.pipeline.Ids;
import dev.reelrank.pipeline.Sha256;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.stage.AlignRequest;
import dev.reelrank.pipeline.stage.EvaluateRequest;
import dev.reelrank.pipeline.stage.InputKey;
import dev.reelrank.pipeline.stage.StageRequest;
import dev.reelrank.pipeline.stage.Stages;
import java.time.Instant;

/**
 * Somebody asks a stage beside the samples for a piece of work. The work id makes it this one:
 * asking twice in one epoch is asking once; a higher epoch asks anew for what has ended.
 *
 * @param work whom it is about: run and sample are its key, so that everything about them stands in
 *     one partition (a training of adapters names the adapter)
 * @param by who asks, for people
 */
public record WorkRequested(WorkRef work, StageRequest request, String by, Instant at)
        implements Event {
    /**
     * Asks for the training of an adapter. The adapter's name stands for the sample; asking twice
     * for the same pairs, base and configuration is asking once.
     *
     * @param epoch 0 at first; a higher one asks anew for what has ended
     * @throws dev.reelrank.pipeline.StageException INVALID_SAMPLE_ID for a name that is none
     */
    public static WorkRequested training(AlignRequest request, int epoch, String by, Instant at) {
        var id = "align/" + request.name() + "/" + InputKey.of(0, request, "", "");
        var work =
                new WorkRef(
                        Sha256.of(id).substring(0, 32),
                        Stages.ADAPTERS_RUN,
                        Ids.requireSampleId(request.name()),
                        StageName.ALIGN,
                        null,
                        epoch);
        return new WorkRequested(work, request, by, at);
    }

    /**
     * Asks for the evaluation of a video of a run. Asking twice for the same video and metrics is
     * asking once, as long as the models stay the same.
     *
     * @param models what the models of the evaluation are known by to who asks: with others it is
     *     another piece of work
     * @param epoch 0 at first; a higher one asks anew for what has ended
     */
    public static WorkRequested evaluation(
            String runId,
            String sampleId,
            EvaluateRequest request,
            String models,
            int epoch,
            String by,
            Instant at) {
        var id = "evaluate/" + runId + "/" + sampleId + "/" + InputKey.of(0, request, models, "");
        var work =
                new WorkRef(
                        Sha256.of(id).substring(0, 32),
                        runId,
                        sampleId,
                        StageName.EVALUATE,
                        request.video().seed(),
                        epoch);
        return new WorkRequested(work, request, by, at);
    }
}
