package dev.reelrank.bench;

import dev.reelrank.bench.figure.FigureFile;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Options of a benchmark whose scenes several processes, or several calls, can share: a mixin. */
public final class SharedScenes {
    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    @Option(
            names = "--part",
            paramLabel = "K/N",
            description =
                    "Only every Nth scene from the Kth on (0/N to N-1/N); sum up with --again.")
    private @Nullable String part;

    @Option(
            names = "--again",
            split = ",",
            paramLabel = "FILE",
            description = "Measure nothing: sum up the --json files of earlier calls.")
    private List<Path> again = List.of();

    @Option(
            names = "--workers",
            defaultValue = "1",
            description =
                    "Processes that measure side by side, with one thread each if there are"
                            + " several. Default: ${DEFAULT-VALUE}.")
    private int workers;

    @Option(
            names = "--devices",
            split = ",",
            paramLabel = "DEVICE",
            description = "Devices of the processes in turn. Default: the CPU.")
    private List<String> devices = List.of("cpu");

    /** The scenes of this process. */
    public Part part() {
        return part == null ? Part.WHOLE : Part.parse(part);
    }

    /**
     * The figures that others measured: those of {@code --again}, or of processes that are started
     * now.
     *
     * @param folder for the files of the processes
     * @return empty where this process measures
     * @throws StageException INVALID_CONFIG for a file of {@code --again} that is not there;
     *     INTERNAL_ERROR if a process fails
     */
    public List<Path> files(Path folder) throws IOException {
        if (!again.isEmpty() || workers < 2 || part != null) {
            return FigureFile.earlier(again);
        }
        PartProcesses.run(
                Objects.requireNonNull(command)
                        .root()
                        .commandLine()
                        .getParseResult()
                        .originalArgs(),
                workers,
                devices,
                k -> List.of("--json", file(folder, k).toString()));
        return IntStream.range(0, workers).mapToObj(k -> file(folder, k)).toList();
    }

    private static Path file(Path folder, int part) {
        return folder.resolve("part-" + part + ".json");
    }
}
