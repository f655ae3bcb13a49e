package dev.reelrank.cli;

import dev.reelrank.cli.farm.DataFolder;
import dev.reelrank.cli.farm.FarmSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the farm is: options of every command that talks to it. */
final class FarmOptions {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "Folder of broker data, results, leases and logs. Default: $REELRANK_DATA, else ~/.local/share/reelrank.")
    @Nullable Path data;

    @Option(
            names = "--bootstrap",
            paramLabel = "HOST:PORT",
            description =
                    "An existing Kafka cluster. Default: a broker of the data folder, started when needed.")
    @Nullable String bootstrap;

    @Option(
            names = "--kafka-config",
            paramLabel = "FILE",
            description =
                    "Properties file with any of Kafka's own client settings (SASL, TLS, ...).")
    @Nullable Path kafkaConfig;

    @Option(
            names = "--store",
            paramLabel = "URI",
            description =
                    "Where results are kept: a folder, or s3://bucket/prefix. Default: the data folder's store.")
    @Nullable String store;

    DataFolder dataFolder() {
        return DataFolder.of(data);
    }

    String storeUri(DataFolder folder) {
        return store != null ? store : folder.store().toUri().toString();
    }

    /** Only the broker. */
    FarmSpec brokerOnly(DataFolder folder) {
        return spec(folder, false, List.of(), "", List.of(), 30);
    }

    FarmSpec spec(
            DataFolder folder,
            boolean processing,
            List<String> devices,
            String models,
            List<String> overrides,
            int drainSeconds) {
        return new FarmSpec(
                bootstrap,
                kafkaConfig == null ? null : kafkaConfig.toAbsolutePath().toString(),
                storeUri(folder),
                processing,
                List.copyOf(devices),
                models,
                new ArrayList<>(overrides),
                drainSeconds);
    }
}
