package dev.reelrank.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.bench.figure.PrintedFigures;
import dev.reelrank.bench.sparse.RandomError;
import dev.reelrank.bench.sparse.SparsityRun;
import dev.reelrank.bench.sparse.SparsityScene;
import dev.reelrank.bench.sparse.SparsityTable;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.testbed.Split;
import dev.reelrank.worker.models.ModelFolders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures sparse self-attention without training on the testbed's held-out scenes. */
@Command(
        name = "sparsity",
        description = {
            "Measures what is saved and changed when self-attention computes a share of the softmax.",
            "Uses candidate.parameters.sparseShare with the weights that come with the project."
        },
        mixinStandardHelpOptions = true)
public final class SparsityBench implements Callable<Integer> {
    private static final List<Long> SEEDS = List.of(1337L, 2024L, 7777L);

    @Option(
            names = "--models",
            description = "Folder of the models. Default: models/testbed of the installation.")
    private @Nullable Path models;

    @Option(names = "--from", defaultValue = "0", description = "The first held-out scene.")
    private int from;

    @Option(names = "--scenes", defaultValue = "8", description = "Default: ${DEFAULT-VALUE}.")
    private int scenes = 8;

    @Option(
            names = "--shares",
            split = ",",
            defaultValue = "0.95,0.9,0.8,0.6",
            description = "Shares of the softmax beside 1. Default: ${DEFAULT-VALUE}.")
    private List<Double> shares = List.of(0.95, 0.9, 0.8, 0.6);

    @Option(names = "--device", defaultValue = "cpu", description = "Default: ${DEFAULT-VALUE}.")
    private String device = "cpu";

    @Option(names = "--threads", description = "CPU threads. Default: all cores.")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--merge",
            split = ",",
            paramLabel = "FILE",
            description =
                    "Measure nothing: put the files of several calls with --out together, for example of one"
                            + " for each part of the scenes. Give the same --shares.")
    private List<Path> merge = List.of();

    @Mixin private final PrintedFigures printed = new PrintedFigures();

    @Override
    public Integer call() throws IOException {
        if (from < 0 || scenes < 1 || shares.stream().anyMatch(s -> !(s >= 0.01 && s < 1))) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "--from must be at least 0, --scenes at least 1, each of --shares from 0.01 to below 1");
        }
        var all = new ArrayList<Double>(List.of(1.0));
        all.addAll(shares);
        var errors = RandomError.of(all, Device.parse(device));
        var scenes = merge.isEmpty() ? measured(all, errors) : SparsityScene.read(merge, all);
        printed.show(table(all, scenes, errors), SparsityBench::print);
        return 0;
    }

    private List<SparsityScene> measured(List<Double> all, List<Double> errors) throws IOException {
        Path folder = Files.createTempDirectory("reelrank-sparsity");
        var measured = new ArrayList<SparsityScene>();
        try (var run =
                new SparsityRun(
                        ModelFolders.rootOrShipped(models),
                        folder,
                        SEEDS,
                        Device.parse(device),
                        threads)) {
            for (int i = from; i < from + scenes; i++) {
                measured.add(new SparsityScene(Split.TEST.seed(i), all, run.measure(i, all)));
                // A call that is killed loses one scene.
                printed.keep(table(all, measured, errors));
                System.err.printf("scene %d of %d%n", i - from + 1, scenes);
            }
        } finally {
            TestbedBench.remove(folder);
        }
        return measured;
    }

    private ObjectNode table(List<Double> all, List<SparsityScene> measured, List<Double> errors)
            throws IOException {
        ObjectNode table =
                SparsityTable.of(
                        all, measured.stream().map(SparsityScene::byShare).toList(), errors);
        table.put(
                "command",
                "reelrank bench sparsity --scenes %d --shares %s --device %s"
                        .formatted(
                                measured.size(),
                                shares.stream()
                                        .map(String::valueOf)
                                        .collect(Collectors.joining(",")),
                                device));
        table.put("models", "testbed; the published weights were not run");
        table.put("hardware", Hardware.of(device, threads));
        table.put("commit", Hardware.commit());
        table.put("date", Instant.now().toString());
        table.set("perScene", new ObjectMapper().valueToTree(measured));
        return table;
    }

    private static void print(ObjectNode table) {
        System.out.println("share   kept  s/step  PSNR dB  error   winners  grades  quality");
        for (var row : table.get("shares")) {
            System.out.printf(
                    Locale.ROOT,
                    "%5.2f %5.1f %% %7.3f %8.1f %6.3f %8d %7d %8.4f%n",
                    row.get("sparseShare").asDouble(),
                    100 * row.get("keptBlocks").asDouble(),
                    row.get("stepSeconds").asDouble(),
                    row.get("psnr").asDouble(),
                    row.get("relativeErrorOnRandomWeights").asDouble(),
                    row.get("winnersChanged").asInt(),
                    row.get("gradesChanged").asInt(),
                    row.get("quality").asDouble());
        }
        table.get("missed").forEach(m -> System.out.println("missed: " + m.asText()));
    }
}
