package dev.reelrank.worker.compute;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.stage.CandidateRequest;
import dev.reelrank.pipeline.stage.CandidateVideo;
import dev.reelrank.pipeline.stage.GradeRequest;
import dev.reelrank.pipeline.stage.PromptRequest;
import dev.reelrank.pipeline.stage.RankingRequest;
import dev.reelrank.pipeline.stage.StageRequest;
import dev.reelrank.pipeline.store.ResultStore;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The blobs that a request was made from. */
final class Inputs {
    private Inputs() {}

    /** The work whose blob is gone or altered; null if all that other work made is there. */
    static @Nullable String lostWork(StageRequest request, ResultStore store) {
        for (var video : videos(request)) {
            if (!store.holds(video.video())) {
                return video.workId();
            }
        }
        return null;
    }

    /** Whether everything is there with its bytes. */
    static boolean whole(StageRequest request, ResultStore store) {
        BlobRef image = image(request);
        return lostWork(request, store) == null && (image == null || store.holds(image));
    }

    private static @Nullable BlobRef image(StageRequest request) {
        if (request instanceof PromptRequest r) {
            return r.image();
        } else if (request instanceof CandidateRequest r) {
            return r.image();
        } else if (request instanceof RankingRequest r) {
            return r.image();
        } else if (request instanceof GradeRequest r) {
            return r.image();
        }
        return null;
    }

    private static List<CandidateVideo> videos(StageRequest request) {
        if (request instanceof RankingRequest ranking) {
            return ranking.candidates();
        }
        if (request instanceof GradeRequest grade) {
            return List.of(grade.video());
        }
        return List.of();
    }
}
