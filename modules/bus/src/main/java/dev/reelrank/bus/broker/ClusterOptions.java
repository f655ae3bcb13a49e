package dev.reelrank.bus.broker;

import dev.reelrank.bus.Connection;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the farm's cluster is: options of flow, of every worker and of every command. */
public final class ClusterOptions {
    @Option(
            names = "--bootstrap",
            paramLabel = "HOST:PORT",
            description =
                    "Addresses of an existing Kafka cluster, separated by commas. Default: bootstrap.servers of --kafka-config, else the broker of the data folder.")
    private @Nullable String bootstrap;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "Folder of a local farm: broker data, results, leases and logs. Default: $REELRANK_DATA, else ~/.local/share/reelrank; a single worker or flow has no default.")
    private @Nullable Path data;

    @Option(
            names = "--kafka-config",
            paramLabel = "FILE",
            description = "Properties file with settings of Kafka clients (SASL, TLS, ...).")
    private @Nullable Path kafkaConfig;

    /**
     * Addresses of the cluster that was named, by --bootstrap or else by bootstrap.servers in the
     * file of --kafka-config.
     *
     * @return null where neither names one: the data folder's broker is meant
     * @throws StageException INVALID_CONFIG if the file cannot be read
     */
    public @Nullable String servers() {
        return bootstrap != null || kafkaConfig == null
                ? bootstrap
                : Connection.servers(kafkaConfig);
    }

    /** The data folder, null where none was given. */
    public @Nullable Path data() {
        return data;
    }

    /** Kafka's own settings, null where none were given. */
    public @Nullable Path kafkaConfig() {
        return kafkaConfig;
    }

    /**
     * The cluster that was named, or that of the data folder's broker.
     *
     * @param patience how long a broker that has just been started for the first time may take to
     *     choose its ports
     * @throws StageException INVALID_CONFIG if no cluster is named, BROKER_UNAVAILABLE if no broker
     *     ever ran in the data folder
     */
    public Connection connection(Duration patience) throws InterruptedException {
        String servers = servers();
        if (servers != null || data == null) {
            return Connection.of(servers, kafkaConfig);
        }
        var folder = new BrokerFolder(data.resolve("broker"));
        var until = System.nanoTime() + patience.toNanos();
        while (folder.connection().isEmpty()) {
            if (System.nanoTime() - until >= 0) {
                throw new StageException(
                        FailureCode.BROKER_UNAVAILABLE,
                        "no broker has run in "
                                + data
                                + "; start one with: reelrank broker, or pass --bootstrap");
            }
            Thread.sleep(100);
        }
        return folder.connection().orElseThrow().with(kafkaConfig);
    }
}
