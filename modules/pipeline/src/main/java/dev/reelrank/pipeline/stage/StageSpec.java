package dev.reelrank.pipeline.stage;

import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.StageConfig;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The description of a stage: one row of {@link Stages}.
 *
 * @param facts the topic of its results, without the farm's prefix: {@code prompts}, {@code
 *     candidates}, …
 * @param request its request; the Avro schema with this record's full name belongs to it
 * @param result its result, likewise
 * @param defaults its default configuration
 * @param scope whether every sample passes it
 * @param requestsFrom the topic that asks for its first work, without prefix; null if its work
 *     follows from another stage's result. What cannot be read there becomes this stage's dead
 *     letter
 * @param onlyKey the one key of all its events, whose topics then have one partition; null: they
 *     are keyed by run and sample, over as many partitions as those of the samples
 * @param batch how many requests a worker takes at once, at least 1
 * @param models folders of the models that it may load
 */
public record StageSpec(
        StageName name,
        String facts,
        Class<? extends StageRequest> request,
        Class<? extends StageResult> result,
        StageConfig defaults,
        Scope scope,
        @Nullable String requestsFrom,
        @Nullable String onlyKey,
        int batch,
        List<String> models) {
    /** Where a stage stands. */
    public enum Scope {
        /** Every sample passes it. */
        SAMPLE,
        /** Beside the samples: its work is asked for on its own. */
        BESIDE
    }

    public StageSpec {
        Objects.requireNonNull(name, "name is null");
        if (batch < 1) {
            throw new IllegalArgumentException(
                    "the batch of stage " + name + " must be at least 1, was " + batch);
        }
        if (scope == Scope.BESIDE && requestsFrom == null) {
            throw new IllegalArgumentException(
                    "stage " + name + " is beside the samples: say which topic asks for its work");
        }
        if (!request.isRecord() || !result.isRecord()) {
            throw new IllegalArgumentException(
                    "request and result of stage " + name + " must be records");
        }
        models = List.copyOf(models);
    }

    /** Whether every sample passes it. */
    public boolean ofSample() {
        return scope == Scope.SAMPLE;
    }
}
