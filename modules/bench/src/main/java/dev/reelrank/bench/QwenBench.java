package dev.reelrank.bench;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import dev.reelrank.bench.figure.FigureFile;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.qwen.QwenModel;
import dev.reelrank.qwen.QwenPrecision;
import dev.reelrank.torch.MemoryReport;
import dev.reelrank.torch.TorchDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Measures Qwen3-VL: time to the first token, time per step, tokens per second, the share of the
 * memory floor, memory. One row per variant; the fastest of the repetitions counts.
 */
@Command(
        name = "qwen",
        description = "Measures speed and memory of the prompt writer's model.",
        mixinStandardHelpOptions = true)
public final class QwenBench implements Callable<Integer> {
    @Option(
            names = "--random-weights",
            required = true,
            description =
                    "Use random weights with the dimensions of --size; the answers are meaningless.")
    @SuppressWarnings("UnusedVariable") // Required, so that nobody takes the answers for real.
    private boolean randomWeights;

    @Option(
            names = "--size",
            defaultValue = "8b",
            description = "8b or tiny. Default: ${DEFAULT-VALUE}.")
    private String size = "8b";

    @Option(names = "--device", defaultValue = "cuda:0", description = "Default: ${DEFAULT-VALUE}.")
    private String device = "cuda:0";

    @Option(
            names = "--precision",
            split = ",",
            defaultValue = "bf16",
            description = "Any of fp32, bf16, int4. Default: ${DEFAULT-VALUE}.")
    private List<String> precisions = List.of("bf16");

    @Option(
            names = "--batch",
            split = ",",
            defaultValue = "1,9",
            description = "Batch sizes. Default: ${DEFAULT-VALUE}.")
    private List<Integer> batches = List.of(1, 9);

    @Option(
            names = "--graph",
            split = ",",
            defaultValue = "on",
            description =
                    "Whether a GPU replays the decoding step as a recorded graph: on, off or on,off.")
    private List<String> graphs = List.of("on");

    @Option(names = "--width", defaultValue = "1280", description = "Of the image, pixels.")
    private int width = 1280;

    @Option(names = "--height", defaultValue = "720", description = "Of the image, pixels.")
    private int height = 720;

    @Option(names = "--text-tokens", defaultValue = "300", description = "Beside the image's.")
    private int textTokens = 300;

    @Option(
            names = "--new-tokens",
            defaultValue = "160",
            description = "Default: ${DEFAULT-VALUE}.")
    private int newTokens = 160;

    @Option(names = "--repeat", defaultValue = "3", description = "Default: ${DEFAULT-VALUE}.")
    private int repeat = 3;

    @Option(
            names = "--bandwidth",
            defaultValue = "4.3",
            description =
                    "Memory bandwidth of the device in TB/s, for the floor. Default: ${DEFAULT-VALUE}.")
    private double bandwidth = 4.3;

    @Option(
            names = "--load-folder",
            paramLabel = "DIR",
            description =
                    "Also measure loading from a checkpoint in this folder, which is written if"
                            + " it does not exist (17 GB for 8b).")
    private @Nullable Path loadFolder;

    @Option(
            names = "--logits-error",
            description =
                    "Also compare each precision's logits with those of bf16 (on a CPU: fp32) on"
                            + " the same weights.")
    private boolean logitsError;

    @Mixin private final FigureFile json = new FigureFile();

    private List<float[]> reference = List.of();

    /**
     * One measured variant; times in seconds unless said.
     *
     * @param firstToken from the image to the first token of every row
     * @param images of the first token's time: pictures resized and brought to the device
     * @param vision of the first token's time: the vision tower
     * @param prompt of the first token's time: the decoder over the prompts
     * @param total for all tokens
     * @param stepMillis of one decoding step
     * @param floorMillis what reading weights, keys and values takes at the memory's bandwidth
     * @param floorShare floor / step
     * @param logitsError largest difference from the reference's logits, relative to their largest
     *     value; null where it was not asked for
     */
    public record Row(
            String size,
            String device,
            String precision,
            boolean graph,
            int batch,
            int promptTokens,
            int newTokens,
            double load,
            double firstToken,
            double images,
            double vision,
            double prompt,
            double total,
            double stepMillis,
            double floorMillis,
            double floorShare,
            double tokensPerSecond,
            double weightsGib,
            double peakGib,
            @Nullable Double logitsError) {}

    @Override
    public Integer call() throws IOException {
        var rows = new ArrayList<Row>();
        if (logitsError) {
            reference =
                    logits(Device.parse(device).isCuda() ? QwenPrecision.BF16 : QwenPrecision.FP32);
        }
        for (var precision : precisions) {
            for (var graph : graphs) {
                var on = Device.parse(device);
                measure(
                        QwenPrecision.parse(precision, on),
                        on.isCuda() && graph.equals("on"),
                        rows);
            }
        }
        System.out.println(table(rows));
        json.write(rows);
        return 0;
    }

    private void measure(QwenPrecision precision, boolean graph, List<Row> rows) {
        var options = options(graph, true);
        var on = Device.parse(device);
        MemoryReport.resetPeak(TorchDevice.of(on));
        var start = System.nanoTime();
        try (var model = model(on, precision, options)) {
            var load = (System.nanoTime() - start) / 1e9;
            var error = reference.isEmpty() ? null : error(reference, logits(model));
            if (loadFolder != null) {
                measureLoading(model, loadFolder);
            }
            for (var batch : batches) {
                MemoryReport.resetPeak(TorchDevice.of(on));
                rows.add(measure(model, precision, graph, batch, load, error));
                System.err.println(rows.get(rows.size() - 1));
            }
        }
    }

    private RandomQwen model(Device on, QwenPrecision precision, QwenModel.Options options) {
        return switch (size) {
            case "8b" -> RandomQwen.of8b(on, precision, options);
            case "tiny" -> RandomQwen.tiny(on, precision, options);
            default ->
                    throw new StageException(
                            FailureCode.INVALID_CONFIG,
                            "unknown size: '" + size + "'; use 8b or tiny");
        };
    }

    private static QwenModel.Options options(boolean graph, boolean fused) {
        return new QwenModel.Options(QwenModel.Options.DEFAULT.maxImagePixels(), graph, fused);
    }

    private List<float[]> logits(QwenPrecision precision) {
        // The reference is libtorch's own operations alone.
        try (var model = model(Device.parse(device), precision, options(false, false))) {
            return logits(model);
        }
    }

    private List<float[]> logits(RandomQwen model) {
        return model.logits(width, height, textTokens);
    }

    private static double error(List<float[]> reference, List<float[]> logits) {
        double largest = 0;
        double difference = 0;
        for (var step = 0; step < reference.size(); step++) {
            for (var i = 0; i < reference.get(step).length; i++) {
                largest = Math.max(largest, Math.abs(reference.get(step)[i]));
                difference =
                        Math.max(
                                difference, Math.abs(reference.get(step)[i] - logits.get(step)[i]));
            }
        }
        return difference / largest;
    }

    private static void measureLoading(RandomQwen model, Path folder) {
        if (!Files.exists(folder.resolve("model.safetensors.index.json"))) {
            model.write(folder);
        }
        for (var time = 1; time <= 2; time++) {
            var seconds = model.load(folder);
            System.err.printf(
                    "load from %s, time %d: %.2f s, %.2f GB/s%n",
                    folder, time, seconds, size(folder) / seconds / 1e9);
        }
    }

    private static long size(Path folder) {
        try (var files = Files.list(folder)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("cannot list " + folder, e);
        }
    }

    private Row measure(
            RandomQwen model,
            QwenPrecision precision,
            boolean graph,
            int batch,
            double load,
            @Nullable Double error) {
        model.run(batch, width, height, textTokens, 16);
        var first = fastest(model, batch, 1);
        var all = fastest(model, batch, newTokens);
        var parts = model.parts(batch, width, height, textTokens, repeat);
        var step = (all.seconds() - first.seconds()) / Math.max(1, newTokens - 1);
        var bytes = model.bytesPerStep(batch, all.promptTokens() + newTokens / 2);
        var floor = bytes / (bandwidth * 1e12);
        return new Row(
                size,
                device,
                precision.id(),
                graph,
                batch,
                all.promptTokens(),
                newTokens,
                load,
                first.seconds(),
                parts.images(),
                parts.vision(),
                parts.prompt(),
                all.seconds(),
                step * 1e3,
                floor * 1e3,
                floor / step,
                batch * newTokens / all.seconds(),
                MemoryReport.gib(model.weightBytes()),
                MemoryReport.gib(model.memory().peak()),
                error);
    }

    private RandomQwen.Run fastest(RandomQwen model, int batch, int tokens) {
        RandomQwen.Run best = null;
        for (var i = 0; i < repeat; i++) {
            var run = model.run(batch, width, height, textTokens, tokens);
            best = best == null || run.seconds() < best.seconds() ? run : best;
        }
        return java.util.Objects.requireNonNull(best, "--repeat must be at least 1");
    }

    private static String table(List<Row> rows) {
        return AsciiTable.getTable(
                rows,
                List.of(
                        new Column().header("precision").with(Row::precision),
                        new Column().header("graph").with(r -> r.graph() ? "on" : "off"),
                        new Column().header("batch").with(r -> String.valueOf(r.batch())),
                        new Column().header("tokens").with(r -> String.valueOf(r.promptTokens())),
                        new Column().header("first s").with(r -> "%.3f".formatted(r.firstToken())),
                        new Column().header("images").with(r -> "%.3f".formatted(r.images())),
                        new Column().header("vision").with(r -> "%.3f".formatted(r.vision())),
                        new Column().header("prompt").with(r -> "%.3f".formatted(r.prompt())),
                        new Column().header("all s").with(r -> "%.3f".formatted(r.total())),
                        new Column().header("step ms").with(r -> "%.2f".formatted(r.stepMillis())),
                        new Column().header("of floor").with(r -> "%.2f".formatted(r.floorShare())),
                        new Column()
                                .header("tok/s")
                                .with(r -> "%.0f".formatted(r.tokensPerSecond())),
                        new Column()
                                .header("weights GiB")
                                .with(r -> "%.1f".formatted(r.weightsGib())),
                        new Column().header("peak GiB").with(r -> "%.1f".formatted(r.peakGib())),
                        new Column()
                                .header("logits off")
                                .with(
                                        r ->
                                                r.logitsError() == null
                                                        ? "-"
                                                        : "%.4f".formatted(r.logitsError()))));
    }
}
