package dev.reelrank.worker.shell;

import dev.reelrank.bus.Connection;
import dev.reelrank.bus.broker.ClusterOptions;
import dev.reelrank.bus.process.HostName;
import dev.reelrank.bus.process.LogOptions;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.worker.models.ModelFolders;
import dev.reelrank.worker.models.WeightsOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that all workers share. */
public final class WorkerOptions {
    @Mixin private ClusterOptions cluster = new ClusterOptions();

    @Mixin private LogOptions logs = new LogOptions();

    @Option(
            names = "--store",
            paramLabel = "URI",
            description = "Result store: a folder, or s3://bucket/prefix. Default: DATA/store.")
    private @Nullable String store;

    @Mixin private final WeightsOptions weights = new WeightsOptions();

    @Option(
            names = "--device",
            defaultValue = "cpu",
            description = "cpu or cuda:N (${DEFAULT-VALUE}).")
    private String device = "cpu";

    @Option(
            names = "--cores",
            paramLabel = "N",
            description =
                    "Cores that a batch reserves and uses. Default: all on the CPU, so"
                            + " that one stage computes at a time; none reserved on a GPU.")
    private @Nullable Integer cores;

    @Option(
            names = "--name",
            description =
                    "Name of this worker, unique on the farm. Default: made from stage, host and device.")
    private @Nullable String name;

    @Option(
            names = "--drain-timeout",
            paramLabel = "DURATION",
            defaultValue = "60s",
            converter = Durations.class,
            description =
                    "Time for work in progress to finish after SIGTERM; then it is cancelled"
                            + " between steps and returned (${DEFAULT-VALUE}).")
    private Duration drainTimeout = Duration.ofSeconds(60);

    @Option(
            names = "--lease-dir",
            paramLabel = "DIR",
            description =
                    "Folder of device reservations; the same for all workers of this host, mounted into"
                            + " their containers. Default: DATA/leases, else a folder under the"
                            + " system's temporary one.")
    private @Nullable Path leaseDir;

    @Option(
            names = "--lease-wait",
            paramLabel = "DURATION",
            defaultValue = "60s",
            converter = Durations.class,
            description =
                    "How long a worker keeps work while it waits for the device"
                            + " (${DEFAULT-VALUE}).")
    private Duration leaseWait = Duration.ofSeconds(60);

    @Option(
            names = "--resident-loads",
            paramLabel = "N",
            defaultValue = "10",
            description =
                    "A worker with work gives the device to a waiting one once it has been loaded"
                            + " for N times its load time (${DEFAULT-VALUE}).")
    private double residentLoads = 10;

    @Option(
            names = "--empty-yield",
            paramLabel = "DURATION",
            defaultValue = "2s",
            converter = Durations.class,
            description =
                    "A worker whose queue has been empty for this time gives a waiting one the"
                            + " device (${DEFAULT-VALUE}).")
    private Duration emptyYield = Duration.ofSeconds(2);

    @Option(
            names = "--give-up",
            paramLabel = "DURATION",
            defaultValue = "10m",
            converter = Durations.class,
            description =
                    "How long a worker waits for a failing store or disk before it returns work"
                            + " (${DEFAULT-VALUE}).")
    private Duration giveUp = Duration.ofMinutes(10);

    @Option(
            names = "--input-root",
            paramLabel = "DIR",
            description =
                    "A folder whose files submissions may name by file: URIs, repeatable. Default:"
                            + " none, inputs come from the store.")
    private List<Path> inputRoots = List.of();

    @Option(
            names = "--stall-after",
            paramLabel = "DURATION",
            converter = Durations.class,
            description =
                    "Work that makes no progress for so long is cancelled; if that does not help,"
                            + " the process ends and another one takes it. Default: as long as the"
                            + " stage says, 30m unless the documentation has another figure.")
    private @Nullable Duration stallAfter;

    @Option(
            names = "--quarantine-after",
            paramLabel = "DURATION",
            defaultValue = "60s",
            converter = Durations.class,
            description =
                    "How long work that a newer build wrote is kept before it becomes a dead"
                            + " letter (${DEFAULT-VALUE}).")
    private Duration quarantineAfter = Duration.ofSeconds(60);

    @Option(
            names = "--metrics-host",
            defaultValue = "127.0.0.1",
            description = "Address of the health and metrics endpoints (${DEFAULT-VALUE}).")
    private String metricsHost = "127.0.0.1";

    @Option(
            names = "--metrics-port",
            paramLabel = "PORT",
            defaultValue = "0",
            description =
                    "Port of the endpoints; 0 chooses a free one and logs it (${DEFAULT-VALUE}).")
    private int metricsPort;

    @Option(
            names = "--heartbeat",
            paramLabel = "FILE",
            description = "File that the process touches every second while it makes progress.")
    private @Nullable Path heartbeat;

    @Option(
            names = "--end-with-parent",
            description =
                    "End when standard input closes, which happens when the parent process dies.")
    private boolean endWithParent;

    /**
     * @param patience how long the broker of the data folder may take to say where it is
     */
    Connection connection(Duration patience) throws InterruptedException {
        return cluster.connection(patience);
    }

    String store() {
        if (store != null) {
            return store;
        }
        var data = cluster.data();
        if (data != null) {
            return data.resolve("store").toString();
        }
        throw new StageException(
                FailureCode.INVALID_CONFIG,
                "no result store: pass --store with a folder or s3://bucket/prefix that all"
                        + " workers share");
    }

    ModelFolders models() {
        return weights.folders();
    }

    Device device() {
        return Device.parse(device);
    }

    @Nullable Integer cores() {
        if (cores != null && cores < 1) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG, "--cores is " + cores + "; it must be at least 1");
        }
        return cores;
    }

    /** Unique on the farm as long as host names are. */
    String name(String kind) {
        return name != null ? name : kind + "-" + HostName.ofThis() + "-" + device.replace(":", "");
    }

    Path leaseDir() {
        if (leaseDir != null) {
            return leaseDir;
        }
        var data = cluster.data();
        return data != null
                ? data.resolve("leases")
                : Path.of(System.getProperty("java.io.tmpdir"), "reelrank-leases");
    }

    Duration drainTimeout() {
        return drainTimeout;
    }

    LoopSettings loop() {
        var defaults = LoopSettings.defaults();
        return new LoopSettings(
                leaseWait,
                emptyYield,
                residentLoads,
                giveUp,
                defaults.longestPause(),
                stallAfter,
                quarantineAfter);
    }

    List<Path> inputRoots() {
        return inputRoots;
    }

    String metricsHost() {
        return metricsHost;
    }

    int metricsPort() {
        return metricsPort;
    }

    @Nullable Path heartbeat() {
        return heartbeat;
    }

    void configureLogs(String kind) {
        logs.configure(name(kind));
    }

    boolean endWithParent() {
        return endWithParent;
    }
}
