package dev.reelrank.bench;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.qwen.DecoderConfig;
import dev.reelrank.qwen.Decoding;
import dev.reelrank.qwen.QwenConfig;
import dev.reelrank.qwen.QwenEngine;
import dev.reelrank.qwen.QwenMemory;
import dev.reelrank.qwen.QwenModel;
import dev.reelrank.qwen.QwenPrecision;
import dev.reelrank.qwen.TextGenerator;
import dev.reelrank.torch.Checkpoint;
import dev.reelrank.torch.MemoryReport;
import dev.reelrank.torch.TorchRuntime;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A Qwen3-VL of any size with random weights, for measuring speed and memory where the published
 * weights are not at hand. Its answers are meaningless.
 */
final class RandomQwen implements AutoCloseable {
    private static final double DEVIATION = 0.02;
    private static final long SEED = 1;
    private static final int COMPARED_STEPS = 4;

    private final QwenConfig config;
    private final QwenPrecision precision;
    private final RecordedTensors tensors = new RecordedTensors(DEVIATION);
    private final QwenEngine engine;

    private RandomQwen(
            QwenConfig config, Device device, QwenPrecision precision, QwenModel.Options o) {
        this.config = config;
        this.precision = precision;
        // Equal weights in every precision on one device, so that their answers can be compared.
        TorchRuntime.seed(SEED);
        engine = new QwenEngine(config, tensors, device, precision, o);
    }

    /** Qwen3-VL-8B-Instruct's shapes. */
    static RandomQwen of8b(Device device, QwenPrecision precision, QwenModel.Options options) {
        return new RandomQwen(
                config(
                        new QwenConfig.Vision(
                                27,
                                1152,
                                4304,
                                16,
                                3,
                                16,
                                2,
                                2,
                                4096,
                                2304,
                                1e4,
                                List.of(8, 16, 24)),
                        new DecoderConfig(
                                151_936,
                                4096,
                                12_288,
                                36,
                                32,
                                8,
                                128,
                                1e-6,
                                5e6,
                                List.of(24, 20, 20),
                                false,
                                262_144,
                                false)),
                device,
                precision,
                options);
    }

    /** A few million parameters, to try a benchmark on a CPU. */
    static RandomQwen tiny(Device device, QwenPrecision precision, QwenModel.Options options) {
        return new RandomQwen(
                config(
                        new QwenConfig.Vision(
                                4, 64, 128, 4, 3, 16, 2, 2, 256, 2304, 1e4, List.of(0, 1, 2)),
                        new DecoderConfig(
                                1024,
                                256,
                                512,
                                4,
                                4,
                                2,
                                128,
                                1e-6,
                                5e6,
                                List.of(24, 20, 20),
                                false,
                                8192,
                                false)),
                device,
                precision,
                options);
    }

    private static QwenConfig config(QwenConfig.Vision vision, DecoderConfig text) {
        var half = List.of(0.5, 0.5, 0.5);
        return new QwenConfig(
                vision,
                text,
                new QwenConfig.Images(65_536, 16_777_216, half, half),
                new QwenConfig.Sampling(20, 0.8),
                text.vocabulary() - 1,
                List.of());
    }

    /**
     * What one batch took.
     *
     * @param promptTokens of each row, with its picture
     * @param seconds for everything, from pictures to token ids
     * @param ids of every row
     */
    record Run(int promptTokens, double seconds, List<List<Integer>> ids) {}

    /** Answers a batch of rows, each with its own picture and this number of words. */
    Run run(int rows, int width, int height, int textTokens, int newTokens) {
        var prompts = prompts(rows, width, height, textTokens);
        engine.device().synchronize();
        var start = System.nanoTime();
        var made =
                engine.generate(
                        prompts, Decoding.greedy(newTokens), TextGenerator.Watch.NONE, Set.of(-1));
        var seconds = (System.nanoTime() - start) / 1e9;
        return new Run(
                prompts.get(0).ids().length,
                seconds,
                made.stream().map(QwenEngine.Tokens::ids).toList());
    }

    /** Measures the parts of a batch's first token; the fastest of these repetitions. */
    QwenEngine.Parts parts(int rows, int width, int height, int textTokens, int repeat) {
        var prompts = prompts(rows, width, height, textTokens);
        return IntStream.range(0, repeat)
                .mapToObj(i -> engine.parts(prompts))
                .min(Comparator.comparingDouble(p -> p.images() + p.vision() + p.prompt()))
                .orElseThrow(() -> new IllegalArgumentException("repeat must be at least 1"));
    }

    /**
     * The logits after a prompt and after a few tokens more: models of one size on one device have
     * equal weights, so that two precisions can be compared by these.
     */
    List<float[]> logits(int width, int height, int textTokens) {
        var prompt = prompt(0, width, height, textTokens);
        var tokens = Arrays.stream(prompt.ids()).limit(COMPARED_STEPS).boxed().toList();
        return engine.forcedLogits(prompt, tokens);
    }

    private List<QwenEngine.Encoded> prompts(int rows, int width, int height, int textTokens) {
        return IntStream.range(0, rows)
                .mapToObj(row -> prompt(row, width, height, textTokens))
                .toList();
    }

    private QwenEngine.Encoded prompt(int row, int width, int height, int textTokens) {
        var random = new Random(row);
        var rgb = new byte[width * height * 3];
        random.nextBytes(rgb);
        var picture = new RgbImage(width, height, rgb);
        var image = engine.imageTokens(picture);
        var ids = new int[image + textTokens];
        Arrays.setAll(ids, i -> random.nextInt(config.text().vocabulary() - 1));
        Arrays.fill(ids, 4, 4 + image, config.imageToken());
        return new QwenEngine.Encoded(ids, List.of(picture));
    }

    /**
     * Writes a checkpoint of this model's shapes in bfloat16 into a folder, with zeros for weights.
     */
    void write(Path folder) {
        tensors.write(folder);
    }

    /**
     * Loads a checkpoint of this model's shapes beside it and gives it back.
     *
     * @return seconds from opening the files to the last weight on the device
     */
    double load(Path folder) {
        engine.device().synchronize();
        var start = System.nanoTime();
        try (var source = Checkpoint.open(folder);
                var ahead = source.readAhead();
                var loaded =
                        new QwenEngine(
                                config,
                                source,
                                engine.device().device(),
                                precision,
                                QwenModel.Options.DEFAULT)) {
            engine.device().synchronize();
            return (System.nanoTime() - start) / 1e9;
        }
    }

    /** Bytes of all weights. */
    long weightBytes() {
        return engine.weightBytes();
    }

    /**
     * Bytes that one step of decoding must read: every decoder weight and the keys and values, not
     * the embedding table and the vision tower.
     */
    long bytesPerStep(int rows, int columns) {
        var text = config.text();
        var kept =
                precision == QwenPrecision.FP32
                        ? 4.0
                        : precision == QwenPrecision.BF16 ? 2.0 : 0.53;
        var attention =
                (long) text.hidden() * text.headDim() * 2 * (text.heads() + text.keyValueHeads());
        var layer = attention + 3L * text.hidden() * text.intermediate();
        var weights = text.layers() * layer + (long) text.vocabulary() * text.hidden();
        return (long) (kept * weights) + QwenMemory.cacheBytes(text, precision, rows, columns);
    }

    /** The device's memory now. */
    MemoryReport memory() {
        return MemoryReport.of(engine.device());
    }

    @Override
    public void close() {
        engine.close();
    }
}
