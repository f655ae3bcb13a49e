package dev.reelrank.flow.work;

import dev.reelrank.pipeline.stage.StageRequest;
import dev.reelrank.pipeline.stage.StageResult;
import dev.reelrank.pipeline.stage.Stages;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Whether a result answers its request; the steps that follow rely on it. */
public final class ResultCheck {
    private final Stages stages;

    public ResultCheck(Stages stages) {
        this.stages = Objects.requireNonNull(stages, "stages is null");
    }

    /** What is wrong with the result, null if nothing is. */
    public @Nullable String mismatch(StageRequest request, StageResult result) {
        if (result.getClass() != stages.of(request.stage()).result()) {
            return "a %s cannot be the result of %s work"
                    .formatted(result.getClass().getSimpleName(), request.stage().id());
        }
        return request.mismatch(result);
    }
}
