package dev.reelrank.flow.topology;

import dev.reelrank.bus.Topics;
import dev.reelrank.flow.Effect;
import dev.reelrank.flow.SampleNews;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Ids;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.DeadLetter;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.event.SampleFailure;
import dev.reelrank.pipeline.event.SampleSubmitted;
import dev.reelrank.pipeline.event.SampleUpdated;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A sample whose submission became a dead letter: it has failed, and its run does not wait for it.
 *
 * @param submissionId null if the record cannot be read
 */
record Refusal(
        String runId,
        String sampleId,
        @Nullable String submissionId,
        FailureCode code,
        String message) {

    /** Null if neither the event nor the record's key names a sample. */
    static @Nullable Refusal of(@Nullable String key, @Nullable Event event, DeadLetter letter) {
        if (event instanceof SampleSubmitted e) {
            return valid(e.runId(), e.sampleId(), e.submissionId(), letter);
        }
        if (event != null || key == null || key.indexOf('/') < 0) {
            return null;
        }
        int slash = key.indexOf('/');
        return valid(key.substring(0, slash), key.substring(slash + 1), null, letter);
    }

    private static @Nullable Refusal valid(
            String runId, String sampleId, @Nullable String submissionId, DeadLetter letter) {
        try {
            return new Refusal(
                    Ids.requireRunId(runId),
                    Ids.requireSampleId(sampleId),
                    submissionId,
                    letter.code(),
                    letter.message());
        } catch (StageException e) {
            return null;
        }
    }

    String key() {
        return Topics.sampleKey(runId, sampleId);
    }

    /**
     * @param first the stage that a sample begins with
     */
    List<Effect> effects(StageName first, Instant now) {
        var failure =
                new SampleFailure(
                        first, null, Ids.workId(runId, sampleId, first, null), 0, code, message);
        var status = SampleUpdated.Status.FAILED;
        return List.of(
                new Effect.SampleStatus(
                        new SampleUpdated(
                                runId, sampleId, status, false, 0, first, List.of(failure), now)),
                new Effect.News(new SampleNews(runId, sampleId, submissionId, status, false)));
    }
}
