package dev.reelrank.bench.hostile;

import dev.reelrank.bench.figure.FigureFile;
import dev.reelrank.bench.process.BenchFolder;
import dev.reelrank.pipeline.ExitCode;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bench hostile}: whether one client can harm the others. */
@Command(
        name = "hostile",
        description = {
            "Sends generated records, files, URIs, HTTP requests and configuration files to a farm beside healthy samples.",
            "Exit code 0 if no healthy sample was lost or late, nothing is stuck or paused, and no reader failed; otherwise 70."
        },
        mixinStandardHelpOptions = true)
public final class HostileCommand implements Callable<Integer> {
    @Option(
            names = "--count",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Hostile acts (${DEFAULT-VALUE}).")
    private int count = 1000;

    @Option(
            names = "--seed",
            defaultValue = "1",
            description = "Seed of what is generated (${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "25",
            description = "At most so many acts per second (${DEFAULT-VALUE}).")
    private int rate = 25;

    @Option(
            names = "--each",
            paramLabel = "N",
            defaultValue = "2",
            description = "Flow processes, and workers per stage (${DEFAULT-VALUE}).")
    private int each = 2;

    @Option(
            names = "--patience",
            paramLabel = "SECONDS",
            defaultValue = "300",
            description = "Time for everything to end after the last act (${DEFAULT-VALUE}).")
    private long patience = 300;

    @Mixin private final FigureFile json = new FigureFile();

    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        try (var folder = BenchFolder.temporary("hostile");
                var run = HostileRun.start(folder.path(), each)) {
            var client = run.client(seed);
            var outcome = run.run(client, count, rate, Duration.ofSeconds(patience));
            Map<String, Object> figures = figures(outcome);
            json.write(figures);
            var command = Objects.requireNonNull(spec).commandLine();
            figures.forEach((key, value) -> command.getOut().println(key + ": " + value));
            command.getOut().flush();
            if (outcome.clean()) {
                folder.done();
                return ExitCode.OK;
            }
            command.getErr().println("logs and data are in " + folder.path());
            return ExitCode.INTERNAL;
        }
    }

    private Map<String, Object> figures(HostileRun.Outcome outcome) {
        var out = new LinkedHashMap<String, Object>();
        out.put("records", outcome.records());
        out.put("samples", outcome.samples());
        out.put("lost", outcome.lost().size());
        out.put("late", outcome.late());
        out.put("stuck", outcome.stuck().size());
        out.put("paused", outcome.paused().size());
        out.put("faults", outcome.faults().size());
        out.put("usualSeconds", outcome.usualSeconds());
        out.put("longestSeconds", outcome.longestSeconds());
        out.put("seconds", outcome.seconds());
        out.put("kinds", outcome.kinds());
        out.put("lostSamples", outcome.lost());
        out.put("stuckProcesses", outcome.stuck());
        out.put("pausedPartitions", outcome.paused());
        out.put("readerFaults", outcome.faults());
        return out;
    }
}
