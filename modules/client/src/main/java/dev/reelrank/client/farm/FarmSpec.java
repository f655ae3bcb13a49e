package dev.reelrank.client.farm;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What an attached command needs to be running.
 *
 * @param bootstrap an existing cluster; null for the broker of the data folder
 * @param kafkaConfig further Kafka settings, a properties file
 * @param store URI of the result store
 * @param processing whether flow and workers are needed, or only the broker
 * @param devices each gets one set of workers: cpu, cuda:0, …
 * @param models the models root
 * @param modelOverrides name=path
 * @param drainTimeoutSeconds how long a worker may finish what it holds when it is asked to end
 * @param trainers devices of the one worker that trains adapters: the pairs of a step are shared
 *     out among them; empty for none
 * @param evaluators devices of the workers that evaluate; empty for none
 */
public record FarmSpec(
        @Nullable String bootstrap,
        @Nullable String kafkaConfig,
        String store,
        boolean processing,
        List<String> devices,
        String models,
        List<String> modelOverrides,
        int drainTimeoutSeconds,
        List<String> trainers,
        List<String> evaluators) {
    public FarmSpec {
        // Null in what a build without them wrote.
        trainers = trainers == null ? List.of() : List.copyOf(trainers);
        evaluators = evaluators == null ? List.of() : List.copyOf(evaluators);
    }

    /** The same with workers that train adapters. */
    public FarmSpec withTrainers(List<String> on) {
        return with(on, evaluators);
    }

    /** The same with workers that evaluate. */
    public FarmSpec withEvaluators(List<String> on) {
        return with(trainers, on);
    }

    /** The same with the broker only: enough to read what is stored. */
    public FarmSpec reading() {
        return new FarmSpec(
                bootstrap,
                kafkaConfig,
                store,
                false,
                List.of(),
                models,
                modelOverrides,
                drainTimeoutSeconds,
                List.of(),
                List.of());
    }

    private FarmSpec with(List<String> training, List<String> evaluating) {
        return new FarmSpec(
                bootstrap,
                kafkaConfig,
                store,
                processing,
                devices,
                models,
                modelOverrides,
                drainTimeoutSeconds,
                training,
                evaluating);
    }

    /**
     * Makes sure that the same workers can serve both: a worker works with one set of weights, one
     * store and one cluster.
     *
     * @param other what a command that is attached now needs
     * @throws StageException INVALID_CONFIG, naming what differs
     */
    void requireSharable(FarmSpec other, DataFolder data) {
        if (!processing || !other.processing || devices.isEmpty() || other.devices.isEmpty()) {
            return;
        }
        same("models", models, other.models, data);
        same("model", modelOverrides, other.modelOverrides, data);
        same("store", store, other.store, data);
        same("bootstrap", bootstrap, other.bootstrap, data);
        same("kafka-config", kafkaConfig, other.kafkaConfig, data);
    }

    private static void same(
            String option, @Nullable Object mine, @Nullable Object theirs, DataFolder data) {
        if (!Objects.equals(mine, theirs)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "another command uses %s with different workers (--%s %s, here %s); wait until it has ended, or choose another folder with --data"
                            .formatted(data.root(), option, shown(theirs), shown(mine)));
        }
    }

    private static Object shown(@Nullable Object value) {
        return value == null || value.equals(List.of()) ? "not given" : value;
    }
}
