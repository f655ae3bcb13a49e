package dev.reelrank.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.bench.figure.PrintedFigures;
import dev.reelrank.bench.sparse.AttentionTimes;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Checks and times block-sparse attention. */
@Command(
        name = "attention",
        description = {
            "Checks block-sparse attention against dense attention with a mask, and times it.",
            "On a GPU also the kernels of our own, beside libtorch's operations."
        },
        mixinStandardHelpOptions = true)
public final class AttentionBench implements Callable<Integer> {
    @Option(
            names = "--sparse",
            required = true,
            description = "Measure attention over a part of the key blocks.")
    @SuppressWarnings("UnusedVariable") // Required, so that other kinds can follow.
    private boolean sparse;

    @Option(names = "--device", defaultValue = "cuda:0", description = "Default: ${DEFAULT-VALUE}.")
    private String device = "cuda:0";

    @Option(
            names = "--tokens",
            defaultValue = "75648",
            description =
                    "Queries and keys: 75648 are 81 frames of 1280x720. Default: ${DEFAULT-VALUE}.")
    private int tokens = 75_648;

    @Option(names = "--heads", defaultValue = "40", description = "Default: ${DEFAULT-VALUE}.")
    private int heads = 40;

    @Option(
            names = "--keep",
            split = ",",
            defaultValue = "0.1,0.15,0.3,1",
            description = "Shares of the key blocks. Default: ${DEFAULT-VALUE}.")
    private List<Double> keep = List.of(0.1, 0.15, 0.3, 1.0);

    @Option(names = "--runs", defaultValue = "5", description = "Default: ${DEFAULT-VALUE}.")
    private int runs = 5;

    @Mixin private final PrintedFigures printed = new PrintedFigures();

    @Override
    public Integer call() throws IOException {
        if (tokens < 1
                || heads < 1
                || runs < 1
                || keep.stream().anyMatch(k -> !(k > 0 && k <= 1))) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "--tokens, --heads and --runs must be at least 1, each --keep above 0 and at most 1");
        }
        ObjectNode figures = new ObjectMapper().createObjectNode();
        figures.put(
                "command",
                "reelrank bench attention --sparse --device %s --tokens %d --heads %d --keep %s --runs %d"
                        .formatted(device, tokens, heads, shares(), runs));
        figures.put("commit", Hardware.commit());
        figures.put("hardware", Hardware.of(device, Runtime.getRuntime().availableProcessors()));
        figures.put("date", Instant.now().toString());
        try (var times = new AttentionTimes(Device.parse(device), heads, tokens, runs)) {
            times.measure(keep, figures, () -> printed.keep(figures));
        }
        printed.show(figures, AttentionBench::print);
        return 0;
    }

    private String shares() {
        return keep.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    private static void print(ObjectNode figures) {
        figures.get("check")
                .properties()
                .forEach(e -> System.out.printf("%s: %s%n", e.getKey(), e.getValue().asText()));
        for (var row : figures.get("times")) {
            System.out.printf(
                    Locale.ROOT,
                    "%-34s %5.1f %%  %9.2f ms%n",
                    row.get("what").asText(),
                    100 * row.get("kept").asDouble(),
                    row.path("milliseconds").asDouble(Double.NaN));
        }
        figures.get("missed").forEach(m -> System.out.println("missed: " + m.asText()));
    }
}
