package dev.reelrank.client.export;

import dev.reelrank.client.results.RunView;
import dev.reelrank.client.results.SampleView;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.event.RunUpdated;
import dev.reelrank.pipeline.event.SampleFailure;
import dev.reelrank.pipeline.event.SampleUpdated;
import dev.reelrank.pipeline.stage.CandidateResult;
import java.util.ArrayList;
import java.util.List;

/**
 * A sample and the video that it ended with.
 *
 * @param sampleId names the file
 * @param video the winner
 */
record ExportItem(String sampleId, CandidateResult video) {
    private static final int NAMED = 20;

    /**
     * Every sample of a run, by id.
     *
     * @throws StageException INVALID_CONFIG if the run still goes on or has no samples,
     *     NO_CANDIDATE if a sample has no video; the message names the samples
     */
    static List<ExportItem> of(RunView run) {
        requireEnded(run);
        var items = new ArrayList<ExportItem>();
        var missing = new ArrayList<String>();
        for (SampleView sample : run.samples().values()) {
            sample.winner()
                    .ifPresentOrElse(
                            video -> items.add(new ExportItem(sample.sampleId(), video)),
                            () -> missing.add(sample.sampleId() + " (" + reason(sample) + ")"));
        }
        if (!missing.isEmpty()) {
            throw new StageException(
                    FailureCode.NO_CANDIDATE,
                    "%d of %d samples of run %s have no video, so nothing was written: %s; try them again with: reelrank dead retry --run %s"
                            .formatted(
                                    missing.size(),
                                    run.samples().size(),
                                    run.runId(),
                                    String.join(", ", missing),
                                    run.runId()));
        }
        if (items.isEmpty()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG, "run " + run.runId() + " has no samples");
        }
        return List.copyOf(items);
    }

    private static void requireEnded(RunView run) {
        List<String> open =
                run.samples().values().stream()
                        .filter(s -> !s.terminal())
                        .map(SampleView::sampleId)
                        .toList();
        if (run.done() && open.isEmpty()) {
            return;
        }
        int expected = run.run().map(RunUpdated::expected).orElse(0);
        int ended = run.samples().size() - open.size();
        throw new StageException(
                FailureCode.INVALID_CONFIG,
                "run %s still goes on (%d of %s samples have ended%s), so nothing was written; wait for its end with: reelrank collect --follow --run %s"
                        .formatted(
                                run.runId(),
                                ended,
                                expected > 0 ? expected : "its",
                                open.isEmpty() ? "" : "; under way: " + some(open),
                                run.runId()));
    }

    private static String some(List<String> ids) {
        return String.join(", ", ids.subList(0, Math.min(NAMED, ids.size())))
                + (ids.size() > NAMED ? " and %d more".formatted(ids.size() - NAMED) : "");
    }

    private static String reason(SampleView sample) {
        SampleFailure failure = sample.update().map(SampleUpdated::failure).orElse(null);
        return failure == null ? "no ranking" : failure.code().name();
    }
}
