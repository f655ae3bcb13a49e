package dev.reelrank.bench.soak;

import dev.reelrank.bench.figure.FigureFile;
import dev.reelrank.bench.process.BenchFolder;
import dev.reelrank.pipeline.ExitCode;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bench soak}: whether processes grow. */
@Command(
        name = "soak",
        description = {
            "Keeps a farm of waiting workers at full load and samples the resident memory of its processes.",
            "Growth counts from the first third on: the mean of the first quarter of what follows against the last one."
        },
        mixinStandardHelpOptions = true)
public final class SoakCommand implements Callable<Integer> {
    @Option(
            names = "--minutes",
            paramLabel = "N",
            defaultValue = "30",
            description = "How long (${DEFAULT-VALUE}).")
    private int minutes = 30;

    @Mixin private final FigureFile json = new FigureFile();

    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        try (var folder = BenchFolder.temporary("soak");
                var run = SoakRun.start(folder.path())) {
            var length = Duration.ofMinutes(minutes);
            SoakRun.Outcome outcome = run.run(length, length.dividedBy(3));
            var out = new LinkedHashMap<String, Object>();
            out.put("minutes", minutes);
            out.put("warmUpMinutes", minutes / 3.0);
            out.put("samples", outcome.samples());
            out.put("memory", outcome.memory());
            json.write(out);
            var writer = Objects.requireNonNull(spec).commandLine().getOut();
            outcome.memory()
                    .forEach(
                            (name, m) ->
                                    writer.printf(
                                            "%s: %.1f MiB, later %.1f MiB, growth %.2f %%%n",
                                            name, m.fromMib(), m.toMib(), m.growth() * 100));
            writer.flush();
            folder.done();
            return ExitCode.OK;
        }
    }
}
