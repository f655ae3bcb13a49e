package dev.reelrank.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.bench.figure.PrintedFigures;
import dev.reelrank.bench.testbed.TestbedRun;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.testbed.Split;
import dev.reelrank.worker.models.ModelFolders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Measures the testbed's checkpoints on held-out scenes, where the truth is known for every pixel.
 * Exit code 1 with {@code --check} when a target is missed.
 */
@Command(
        name = "testbed",
        description = "Measures the quality of the testbed's checkpoints on held-out scenes.",
        mixinStandardHelpOptions = true)
public final class TestbedBench implements Callable<Integer> {
    @Option(
            names = "--models",
            description = "Folder of the models. Default: models/testbed of the installation.")
    private @Nullable Path models;

    @Option(
            names = "--part",
            split = ",",
            description = "Any of wan, qwen, dinov3, sam3, clip, ranking. Default: all.")
    private List<String> parts = List.of();

    @Option(
            names = "--split",
            defaultValue = "test",
            description =
                    "test, or validation to choose among trainings. Default: ${DEFAULT-VALUE}.")
    private String split = "test";

    @Option(
            names = "--from",
            defaultValue = "0",
            description = "The first scene of the split. Default: ${DEFAULT-VALUE}.")
    private int from;

    @Option(names = "--scenes", defaultValue = "128", description = "Default: ${DEFAULT-VALUE}.")
    private int scenes = 128;

    @Option(
            names = "--ranked",
            defaultValue = "100",
            description = "Scenes with several candidates and a winner. Default: ${DEFAULT-VALUE}.")
    private int ranked = 100;

    @Option(
            names = "--seeds",
            split = ",",
            defaultValue = "1337,2024,7777",
            description = "Default: ${DEFAULT-VALUE}.")
    private List<Long> seeds = List.of(1337L, 2024L, 7777L);

    @Option(names = "--steps", defaultValue = "0", description = "0: the model's default.")
    private int steps;

    @Option(names = "--lightning", description = "Merge the Lightning LoRAs.")
    private boolean lightning;

    @Option(names = "--device", defaultValue = "cpu", description = "Default: ${DEFAULT-VALUE}.")
    private String device = "cpu";

    @Option(names = "--threads", description = "CPU threads. Default: all cores.")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Mixin private final PrintedFigures printed = new PrintedFigures();

    @Option(names = "--check", description = "End with exit code 1 if a target is missed.")
    private boolean check;

    @Override
    public Integer call() throws IOException {
        Set<String> wanted = new TreeSet<>(parts.isEmpty() ? TestbedRun.PARTS : parts);
        if (!TestbedRun.PARTS.containsAll(wanted)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "--part is %s; it may hold %s".formatted(wanted, TestbedRun.PARTS));
        }
        TestbedRun run =
                new TestbedRun(
                        ModelFolders.rootOrShipped(models),
                        wanted,
                        split(),
                        from,
                        scenes,
                        ranked,
                        seeds,
                        steps,
                        lightning,
                        Device.parse(device),
                        threads);
        Path folder = Files.createTempDirectory("reelrank-testbed");
        try {
            long begin = System.nanoTime();
            ObjectNode figures = run.measure(folder, done -> say(done));
            figures.put("split", split);
            figures.put("firstScene", from);
            figures.put("scenes", scenes);
            figures.put("seconds", (System.nanoTime() - begin) / 1_000_000_000);
            figures.put("hardware", Hardware.of(device, threads));
            figures.put("commit", Hardware.commit());
            figures.put("date", Instant.now().toString());
            printed.show(figures, TestbedBench::print);
            return check && !figures.path("missed").isEmpty() ? 1 : 0;
        } finally {
            remove(folder);
        }
    }

    private static void print(ObjectNode figures) {
        figures.properties()
                .forEach(f -> System.out.printf("%-24s %s%n", f.getKey(), f.getValue()));
    }

    private Split split() {
        return switch (split) {
            case "test" -> Split.TEST;
            case "validation" -> Split.VALIDATION;
            default ->
                    throw new StageException(
                            FailureCode.INVALID_CONFIG,
                            "--split is '%s'; it may be test or validation".formatted(split));
        };
    }

    private void say(String done) {
        System.err.println(done);
    }

    /** Removes a folder with all that is in it. */
    public static void remove(Path folder) {
        List<Path> all;
        try (Stream<Path> tree = Files.walk(folder)) {
            all = new ArrayList<>(tree.sorted(Comparator.reverseOrder()).toList());
            for (Path path : all) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + folder, e);
        }
    }
}
