package dev.reelrank.bench.align;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.bench.FigureFile;
import dev.reelrank.bench.align.result.ResultRun;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.testbed.Split;
import dev.reelrank.worker.models.ModelFolders;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code --result}. */
final class ResultOptions {
    @Option(
            names = "--models",
            description = "Folder of the testbed's models. Default: models/testbed.")
    private @Nullable Path models;

    @Option(
            names = "--work",
            paramLabel = "DIR",
            description =
                    "Keeps pairs, adapters and clips; the same command goes on there. Default: a"
                            + " temporary folder.")
    private @Nullable Path work;

    @Option(
            names = "--split",
            defaultValue = "test",
            description =
                    "Held-out scenes: test, or validation to choose a recipe. Default:"
                            + " ${DEFAULT-VALUE}.")
    private String split = "test";

    @Option(
            names = "--from",
            defaultValue = "0",
            description = "First held-out scene. Default: ${DEFAULT-VALUE}.")
    private int from;

    @Option(
            names = "--scenes",
            defaultValue = "128",
            description = "Held-out scenes. Default: ${DEFAULT-VALUE}.")
    private int scenes = 128;

    @Option(
            names = "--seeds",
            defaultValue = "8",
            description = "Seeds of each. Default: ${DEFAULT-VALUE}.")
    private int seeds = 8;

    @Option(
            names = "--pairs",
            defaultValue = "0",
            description = "To train on; 0: the recipe's own. Default: ${DEFAULT-VALUE}.")
    private int pairs;

    @Option(
            names = "--training-steps",
            defaultValue = "0",
            description = "0: the recipe's own. Default: ${DEFAULT-VALUE}.")
    private int trainingSteps;

    @Option(names = "--threads", description = "CPU threads of the reranker. Default: all cores.")
    private int threads = Runtime.getRuntime().availableProcessors();

    /** Measures, prints and writes. */
    int run(String result, @Nullable Path json) throws IOException {
        var wanted =
                Arrays.stream(ResultRun.Result.values())
                        .filter(r -> r.id().equals(result))
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        new StageException(
                                                FailureCode.INVALID_CONFIG,
                                                "--result is '%s'; it may be %s"
                                                        .formatted(result, names())));
        Path folder = work != null ? work : Files.createTempDirectory("reelrank-align-result");
        long begin = System.nanoTime();
        ObjectNode figures =
                new ResultRun(
                                ModelFolders.rootOrShipped(models),
                                folder,
                                Split.parse(split),
                                from,
                                scenes,
                                seeds,
                                pairs,
                                trainingSteps,
                                threads)
                        .measure(wanted, System.err::println);
        figures.put("result", result);
        figures.put(
                "command",
                "reelrank bench align --result %s --split %s --from %d --scenes %d --seeds %d --pairs %d --training-steps %d"
                        .formatted(result, split, from, scenes, seeds, pairs, trainingSteps));
        figures.put("seconds", (System.nanoTime() - begin) / 1_000_000_000);
        figures.put(
                "hardware",
                "cpu, %d threads, %s %s, Java %s"
                        .formatted(
                                threads,
                                System.getProperty("os.name"),
                                System.getProperty("os.arch"),
                                System.getProperty("java.version")));
        figures.put("commit", commit());
        figures.put("date", Instant.now().toString());
        System.out.println(figures.toPrettyString());
        System.err.println("clips and report: " + folder);
        FigureFile.write(json, figures);
        return 0;
    }

    private static String names() {
        return Arrays.stream(ResultRun.Result.values())
                .map(ResultRun.Result::id)
                .collect(Collectors.joining(", "));
    }

    private static String commit() throws IOException {
        Process git =
                new ProcessBuilder("git", "rev-parse", "HEAD")
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        String text =
                new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        return text.isEmpty() ? "unknown" : text;
    }
}
