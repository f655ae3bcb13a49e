package dev.reelrank.cli;

import dev.reelrank.bus.broker.ClusterOptions;
import dev.reelrank.client.farm.DataFolder;
import dev.reelrank.client.farm.FarmSpec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where the farm is: options of every command that talks to it. */
final class FarmOptions {
    @Mixin ClusterOptions cluster = new ClusterOptions();

    @Option(
            names = "--store",
            paramLabel = "URI",
            description =
                    "Result store: a folder, or s3://bucket/prefix. Default: the data folder's"
                            + " store.")
    @Nullable String store;

    DataFolder dataFolder() {
        return DataFolder.of(cluster.data());
    }

    String storeUri(DataFolder folder) {
        return store != null ? store : folder.store().toUri().toString();
    }

    /** Only the broker. */
    FarmSpec brokerOnly(DataFolder folder) {
        return spec(folder, false, List.of(), "", List.of(), 30);
    }

    /** The broker, and flow where it is not somebody else's. */
    FarmSpec withFlow(DataFolder folder) {
        return spec(folder, cluster.servers() == null, List.of(), "", List.of(), 30);
    }

    FarmSpec spec(
            DataFolder folder,
            boolean processing,
            List<String> devices,
            String models,
            List<String> overrides,
            int drainSeconds) {
        var kafkaConfig = cluster.kafkaConfig();
        return new FarmSpec(
                cluster.servers(),
                kafkaConfig == null ? null : kafkaConfig.toAbsolutePath().toString(),
                storeUri(folder),
                processing,
                List.copyOf(devices),
                models,
                new ArrayList<>(overrides),
                drainSeconds,
                List.of(),
                List.of());
    }

    /**
     * Flow, and where the cluster is not somebody else's, workers that evaluate on these devices.
     */
    FarmSpec evaluators(
            DataFolder folder, List<String> evaluators, ModelOptions models, int drainSeconds) {
        return spec(
                        folder,
                        cluster.servers() == null,
                        List.of(),
                        models.root().toString(),
                        models.overrides,
                        drainSeconds)
                .withEvaluators(cluster.servers() == null ? evaluators : List.of());
    }

    /** Flow and the worker that trains adapters, on these devices. */
    FarmSpec trainer(
            DataFolder folder, List<String> trainers, ModelOptions models, int drainSeconds) {
        return spec(
                        folder,
                        true,
                        List.of(),
                        models.root().toString(),
                        models.overrides,
                        drainSeconds)
                .withTrainers(trainers);
    }
}
