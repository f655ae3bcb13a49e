package dev.reelrank.worker.compute;

import dev.reelrank.pipeline.stage.StageRequest;
import dev.reelrank.pipeline.store.ResultStore;
import org.jspecify.annotations.Nullable;

/** Whether the blobs that a request was made from are still in the store. */
final class Inputs {
    private Inputs() {}

    /** The work whose blob is missing or altered; null if all that other work made is there. */
    static @Nullable String lostWork(StageRequest request, ResultStore store) {
        for (var input : request.blobs()) {
            if (input.madeBy() != null && !store.holds(input.blob())) {
                return input.madeBy();
            }
        }
        return null;
    }

    /** Whether everything is there with its bytes. */
    static boolean whole(StageRequest request, ResultStore store) {
        return request.blobs().stream().allMatch(input -> store.holds(input.blob()));
    }
}
