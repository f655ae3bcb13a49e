package dev.reelrank.flow.process;

import dev.reelrank.bus.TopicSetup;
import dev.reelrank.bus.broker.ClusterOptions;
import dev.reelrank.bus.process.LogOptions;
import dev.reelrank.bus.process.TemporaryFiles;
import dev.reelrank.flow.AutoAligns;
import dev.reelrank.flow.FlowSettings;
import dev.reelrank.flow.json.ImageStore;
import dev.reelrank.flow.json.JsonSources;
import dev.reelrank.flow.json.JsonSources.Configurations;
import dev.reelrank.flow.sample.SamplePath;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.store.ResultStore;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code reelrank flow}: one flow process, until SIGTERM. */
@Command(
        name = "flow",
        description =
                "Runs flow, which decides what follows from every event: fan-out, join, retries, progress. Start as many as you need; they share the load.",
        mixinStandardHelpOptions = true)
public final class FlowCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(FlowCommand.class);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Mixin private ClusterOptions cluster = new ClusterOptions();

    @Mixin private LogOptions logs = new LogOptions();

    @Option(
            names = "--state-dir",
            paramLabel = "DIR",
            description =
                    "Folder that survives restarts, so that the process keeps its place in the group (default: the system's temporary folder).")
    private Path stateDir = Path.of(System.getProperty("java.io.tmpdir"), "reelrank-flow");

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "Threads of this process, 1 to the number of partitions (${DEFAULT-VALUE}).")
    private int threads = 1;

    @Option(
            names = "--partitions",
            paramLabel = "N",
            defaultValue = "" + TopicSetup.DEFAULT_PARTITIONS,
            description = "Partitions of keyed topics that do not exist yet (${DEFAULT-VALUE}).")
    private int partitions = TopicSetup.DEFAULT_PARTITIONS;

    @Option(
            names = "--commit-interval",
            paramLabel = "TIME",
            defaultValue = "50ms",
            converter = TimeConverter.class,
            description = "Interval between commits (${DEFAULT-VALUE}).")
    private Duration commit = Duration.ofMillis(50);

    @Option(
            names = "--reemit-after",
            paramLabel = "TIME",
            defaultValue = "30s",
            converter = TimeConverter.class,
            description =
                    "Work that disappeared from its queue and has no outcome for this time is emitted again (${DEFAULT-VALUE}).")
    private Duration reemitAfter = Duration.ofSeconds(30);

    @Option(
            names = "--look-every",
            paramLabel = "TIME",
            defaultValue = "3s",
            converter = TimeConverter.class,
            description = "Interval between checks of the queues (${DEFAULT-VALUE}).")
    private Duration lookEvery = Duration.ofSeconds(3);

    @Option(
            names = "--trim-every",
            paramLabel = "TIME",
            defaultValue = "1m",
            converter = TimeConverter.class,
            description = "Interval between deletions of settled work (${DEFAULT-VALUE}).")
    private Duration trimEvery = Duration.ofMinutes(1);

    @Option(
            names = "--keep-payloads",
            paramLabel = "TIME",
            defaultValue = "7d",
            converter = TimeConverter.class,
            description =
                    "How long the samples of a finished run can be retried (${DEFAULT-VALUE}).")
    private Duration keepPayloads = Duration.ofDays(7);

    @Option(
            names = "--keep-reports",
            paramLabel = "TIME",
            defaultValue = "7d",
            converter = TimeConverter.class,
            description =
                    "How long submissions and reports of workers are kept after flow has committed them (${DEFAULT-VALUE}).")
    private Duration keepReports = Duration.ofDays(7);

    @Option(
            names = "--tune-every",
            paramLabel = "N",
            defaultValue = "5",
            description = "Number of new selections that starts a training (${DEFAULT-VALUE}).")
    private int tuneEvery = 5;

    @Option(
            names = "--align",
            paramLabel = "FILE",
            description =
                    "What this farm trains by itself, as 'reelrank align --auto' writes it (default: nothing).")
    private @Nullable Path align;

    @Option(
            names = "--quarantine-after",
            paramLabel = "TIME",
            defaultValue = "60s",
            converter = TimeConverter.class,
            description =
                    "How long processing waits for an upgrade when it meets what a newer build wrote; then that becomes a dead letter (${DEFAULT-VALUE}).")
    private Duration quarantineAfter = Duration.ofSeconds(60);

    @Option(
            names = "--store",
            paramLabel = "URI",
            description =
                    "Result store: a folder, or s3://bucket/prefix. Only images that stand in JSON submissions need it (default: none; such submissions are refused).")
    private @Nullable String store;

    @Option(
            names = "--metrics-port",
            paramLabel = "PORT",
            description = "Port of /health and /metrics, 0 for a free one (default: none).")
    private @Nullable Integer metricsPort;

    @Option(
            names = "--metrics-host",
            paramLabel = "HOST",
            defaultValue = "127.0.0.1",
            description = "Address of /health and /metrics (${DEFAULT-VALUE}).")
    private String metricsHost = "127.0.0.1";

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

    private final @Nullable Configurations configurations;
    private final Function<String, ResultStore> stores;

    /**
     * A flow that takes JSON submissions.
     *
     * @param configurations reads presets and keys as the command line does
     * @param stores opens an existing result store by its URI
     */
    public FlowCommand(Configurations configurations, Function<String, ResultStore> stores) {
        this.configurations = configurations;
        this.stores = stores;
    }

    /** A flow that takes no JSON submissions. */
    public FlowCommand() {
        this.configurations = null;
        this.stores =
                uri -> {
                    throw new StageException(
                            FailureCode.INVALID_CONFIG, "--store needs JSON submissions");
                };
    }

    /**
     * @throws StageException with the remedy, if it cannot start
     */
    @Override
    public Integer call() throws InterruptedException {
        logs.configure("flow-" + ProcessHandle.current().pid());
        TemporaryFiles.check();
        String uri = store;
        ImageStore images = uri == null ? null : new ImageStore(() -> stores.apply(uri));
        try {
            return run(options(images));
        } finally {
            if (images != null) {
                images.close();
            }
        }
    }

    private int run(FlowProcess.Options options) throws InterruptedException {
        var flow = FlowProcess.start(options);
        var ending = new Thread(flow::close, "end-of-flow");
        Runtime.getRuntime().addShutdownHook(ending);
        if (endWithParent) {
            endWithParent();
        }
        int code = flow.awaitEnd();
        if (code != ExitCode.OK) {
            Runtime.getRuntime().removeShutdownHook(ending);
            flow.close();
        }
        return code;
    }

    private FlowProcess.Options options(@Nullable ImageStore images) throws InterruptedException {
        require(threads >= 1 && threads <= 64, "--threads", threads, "1 to 64");
        require(partitions >= 1, "--partitions", partitions, "at least 1");
        require(tuneEvery >= 1, "--tune-every", tuneEvery, "at least 1");
        require(commit.toMillis() >= 10, "--commit-interval", commit, "at least 10ms");
        require(commit.toMillis() <= 5_000, "--commit-interval", commit, "at most 5s");
        require(lookEvery.toMillis() >= 100, "--look-every", lookEvery, "at least 100ms");
        require(trimEvery.toMillis() >= 100, "--trim-every", trimEvery, "at least 100ms");
        var settings =
                FlowSettings.DEFAULT
                        .withReemitAfter(reemitAfter)
                        .withKeepPayloads(keepPayloads)
                        .withTuneEvery(tuneEvery)
                        .withAlign(align == null ? AutoAligns.NONE : AutoAlignFile.read(align))
                        .withQuarantineAfter(quarantineAfter);
        return new FlowProcess.Options(
                cluster.connection(PATIENCE),
                stateDir,
                threads,
                commit,
                partitions,
                lookEvery,
                trimEvery,
                keepReports,
                metricsPort == null ? null : new InetSocketAddress(metricsHost, metricsPort),
                heartbeat,
                settings,
                SamplePath.STANDARD,
                configurations == null ? null : new JsonSources(configurations, images));
    }

    private static void require(boolean ok, String option, Object value, String range) {
        if (!ok) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "%s is %s; it must be %s".formatted(option, value, range));
        }
    }

    /**
     * The parent holds the other end of standard input; it closes with the parent, however that
     * ends.
     */
    private static void endWithParent() {
        var watcher =
                new Thread(
                        () -> {
                            try {
                                while (System.in.read() >= 0) {
                                    // The input carries no data; only its end matters.
                                }
                            } catch (IOException e) {
                                LOG.info(
                                        "reading standard input failed: the parent process has ended",
                                        e);
                            }
                            LOG.info("the parent process has ended: flow stops");
                            System.exit(ExitCode.OK);
                        },
                        "parent-watch");
        watcher.setDaemon(true);
        watcher.start();
    }
}
