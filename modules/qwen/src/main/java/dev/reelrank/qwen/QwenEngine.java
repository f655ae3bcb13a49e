package dev.reelrank.qwen;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.qwen.DecodeLoop.Recording;
import dev.reelrank.qwen.TextGenerator.CancelledException;
import dev.reelrank.qwen.TextGenerator.Watch;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.LinearAdapters;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TensorSource;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.TorchFailures;
import dev.reelrank.torch.TorchRuntime;
import dev.reelrank.torch.Weights;
import dev.reelrank.torch.train.Block;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The loaded networks: token ids and pictures in, token ids and probabilities out. What a model
 * without a tokenizer can do; {@link QwenModel} puts texts around it.
 */
public final class QwenEngine implements AutoCloseable {
    /**
     * On the CPU, a model smaller than this computes with one thread: its operations take
     * microseconds, and threads that meet after each cost more than they give (seven times the CPU
     * time on a busy machine).
     */
    private static final long WORTH_SEVERAL_THREADS = 512L << 20;

    /** On a GPU every look at the tokens waits for it. */
    private static final int STEPS_BETWEEN_CHECKS = 8;

    /** Prompts are read together up to this many tokens: more is no faster and takes memory. */
    static final int TOKENS_TOGETHER = 8192;

    private final QwenConfig config;
    private final TorchDevice device;
    private final DType dtype;
    private final Recording recording;
    private final Parameters parameters = new Parameters();
    private final ImageProcessor images;
    private final TextDecoder decoder;
    private final Rope rope;
    private final Prefill prefill;
    private final DecoderMath math;
    private @Nullable DecodeLoop kept;

    /** Takes every weight of the source; the source may be closed afterwards. */
    public QwenEngine(
            QwenConfig config,
            TensorSource source,
            Device device,
            QwenPrecision precision,
            QwenModel.Options options) {
        this(config, source, device, precision, options, LinearAdapters.NONE);
    }

    /**
     * The same with adapters beside the products of the decoder.
     *
     * @param adapters stay the caller's
     */
    QwenEngine(
            QwenConfig config,
            TensorSource source,
            Device device,
            QwenPrecision precision,
            QwenModel.Options options,
            LinearAdapters adapters) {
        this.config = config;
        this.device = TorchDevice.of(device);
        this.device.makeCurrent();
        dtype = precision.activations();
        recording = options.recording() && device.isCuda() ? Recording.GRAPH : Recording.NONE;
        images = new ImageProcessor(config.vision(), config.images(), options.maxImagePixels());
        math =
                options.fused()
                                && this.device.hasOwnKernels()
                                && dtype == DType.BFLOAT16
                                && FusedMath.fits(config.text())
                        ? new FusedMath(config.text(), this.device)
                        : new PlainMath(config.text());
        try (var scope = TensorScope.open()) {
            var weights = new Weights(source, this.device, dtype, parameters);
            var vision = new VisionTower(weights.child("model.visual"), config.vision());
            decoder =
                    new TextDecoder(
                            weights.child("model.language_model"),
                            weights,
                            config.text(),
                            precision,
                            math,
                            adapters);
            rope = new Rope(config.text(), this.device, dtype, parameters);
            prefill = new Prefill(config, this.device, images, vision, decoder, rope);
            weights.requireAllUsed();
            adapters.requireAllUsed();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * A tokenized conversation.
     *
     * @param pictures in the order of their placeholders among the ids
     */
    public record Encoded(int[] ids, List<RgbImage> pictures) {}

    /** Generated ids before a stop token, and whether one came. */
    public record Tokens(List<Integer> ids, boolean complete) {}

    /** Bytes of all weights. */
    public long weightBytes() {
        return parameters.bytes();
    }

    /** Where it computes. */
    public TorchDevice device() {
        return device;
    }

    ImageGrid grid(RgbImage picture) {
        return images.grid(picture);
    }

    /** How many placeholders a picture needs. */
    public int imageTokens(RgbImage picture) {
        return grid(picture).tokens(config.vision().merge());
    }

    Positions positions(Encoded prompt) {
        return prefill.positions(prompt);
    }

    /** What the decoder sees of each picture; tensors of the open scope. */
    List<VisionTower.Features> features(List<RgbImage> pictures) {
        return prefill.see(prefill.patches(pictures));
    }

    /** Answers every prompt; rows of one batch do not see each other. */
    public List<Tokens> generate(
            List<Encoded> prompts, Decoding decoding, Watch watch, Set<Integer> stops) {
        var first = prompts.stream().mapToInt(p -> p.ids.length).max().orElseThrow();
        var limit = decoding.maxNewTokens();
        if (first + limit > config.text().maxPositions()) {
            throw new StageException(
                    FailureCode.PROMPT_TOO_LONG,
                    ("the prompt has %d tokens with its images and %d are to follow, but this model"
                                    + " takes %d in all: shorten the prompt")
                            .formatted(first, limit, config.text().maxPositions()));
        }
        device.makeCurrent();
        return computed(
                "answer " + prompts.size() + " prompts",
                () -> {
                    try (var scope = TensorScope.open()) {
                        var loop = loop(prompts.size(), first + limit);
                        return run(prompts, loop, first, decoding, watch, stops);
                    } finally {
                        if (recording == Recording.NONE) {
                            forgetLoop();
                        }
                    }
                });
    }

    private <T> T computed(String what, Supplier<T> body) {
        var threads =
                device.isCuda() || weightBytes() >= WORTH_SEVERAL_THREADS
                        ? TorchRuntime.threads()
                        : 1;
        return TorchFailures.named(what, device, () -> TorchRuntime.withThreads(threads, body));
    }

    /** The loop of last time where it is recorded and fits, else a new one. */
    private DecodeLoop loop(int rows, int columns) {
        if (kept != null && kept.fits(rows, columns)) {
            return kept;
        }
        forgetLoop();
        var wide = recording == Recording.GRAPH ? (columns + 255) / 256 * 256 : columns;
        kept = new DecodeLoop(decoder, rope, config.text(), rows, wide, device, dtype, recording);
        return kept;
    }

    private void forgetLoop() {
        if (kept != null) {
            kept.close();
            kept = null;
        }
    }

    private List<Tokens> run(
            List<Encoded> prompts,
            DecodeLoop loop,
            int first,
            Decoding decoding,
            Watch watch,
            Set<Integer> stops) {
        var limit = decoding.maxNewTokens();
        var starts = prompts.stream().map(p -> first - p.ids.length).toList();
        var logits = read(prompts, starts, loop.cache(), () -> proceed(watch, 0, limit));
        var nexts = prompts.stream().map(p -> positions(p).next()).toList();
        var made = Ops.zeros(device, DType.INT64, prompts.size(), limit);
        try (var sampler = new Sampler(decoding, config.sampling(), device)) {
            loop.begin(starts, nexts, first);
            var next = sampler.next(logits);
            for (var step = 0; ; step++) {
                made.narrow(1, step, 1).copy_(next.unsqueeze(1));
                var done = step + 1;
                if (done == limit || (due(done) && allStopped(made, done, stops))) {
                    proceed(watch, done, limit);
                    return cut(made, done, stops);
                }
                if (due(done)) {
                    proceed(watch, done, limit);
                }
                var current = next;
                next = TensorScope.compute(() -> sampler.next(loop.step(current)));
            }
        }
    }

    private boolean due(int done) {
        return !device.isCuda() || done % STEPS_BETWEEN_CHECKS == 0;
    }

    private static void proceed(Watch watch, int step, int of) {
        if (!watch.progress(step, of)) {
            throw new CancelledException();
        }
    }

    private static boolean allStopped(Tensor made, int done, Set<Integer> stops) {
        return cut(made, done, stops).stream().allMatch(Tokens::complete);
    }

    private static List<Tokens> cut(Tensor made, int done, Set<Integer> stops) {
        long[] flat;
        try (var scope = TensorScope.open()) {
            flat = Ops.longs(made.narrow(1, 0, done));
        }
        var rows = new ArrayList<Tokens>();
        for (var start = 0; start < flat.length; start += done) {
            var ids = Arrays.stream(flat, start, start + done).mapToObj(id -> (int) id).toList();
            var end = 0;
            while (end < done && !stops.contains(ids.get(end))) {
                end++;
            }
            rows.add(new Tokens(List.copyOf(ids.subList(0, end)), end < done));
        }
        return rows;
    }

    /**
     * The probabilities of the token after each continuation of a shared prompt. The prompt is
     * computed once, the continuations in one pass as one row, each seeing the prompt and itself.
     *
     * @param ids whose probabilities are wanted
     * @return one array a continuation, as long as {@code ids}
     */
    List<double[]> probabilities(Encoded shared, List<int[]> continuations, int[] ids) {
        device.makeCurrent();
        return computed(
                "answer " + continuations.size() + " questions",
                () -> {
                    try (var scope = TensorScope.open();
                            var cache =
                                    new KeyValueCache(
                                            config.text(), 1, shared.ids.length, device, dtype)) {
                        read(List.of(shared), List.of(0), cache, () -> {});
                        var next = positions(shared).next();
                        var row = ContinuationRow.of(shared.ids.length, next, continuations);
                        return rows(logits(row, cache), ids);
                    }
                });
    }

    private List<double[]> rows(Tensor logits, int[] ids) {
        var wanted = Arrays.stream(ids).asLongStream().toArray();
        var index = device.place(Ops.tensor(wanted, wanted.length), DType.INT64);
        var flat = Ops.floats(Ops.softmaxFloat(logits, -1).index_select(1, index));
        return IntStream.range(0, flat.length / ids.length)
                .mapToObj(
                        q ->
                                IntStream.range(q * ids.length, (q + 1) * ids.length)
                                        .mapToDouble(i -> flat[i])
                                        .toArray())
                .toList();
    }

    private Tensor logits(ContinuationRow row, KeyValueCache cache) {
        var visible = device.place(Ops.tensor(row.mask(), 1, 1, row.ids().length, -1), DType.BOOL);
        var embedded =
                decoder.embed(
                        device.place(Ops.tensor(row.ids(), 1, row.ids().length), DType.INT64));
        var hidden =
                decoder.forward(
                        embedded,
                        rope.turns(row.positions()),
                        cache.continuations(cache.columns(), visible),
                        null,
                        List.of());
        var ends = device.place(Ops.tensor(row.ends(), row.ends().length), DType.INT64);
        return decoder.logits(hidden.squeeze(0).index_select(0, ends));
    }

    /**
     * A prompt as the decoder's layers get it; tensors of the scope that was open.
     *
     * @param embedded shape (1, tokens, hidden)
     * @param layers without a cache, so that they can be recorded for gradients
     * @param constants what the layers use
     */
    record Laid(Tensor embedded, List<Block> layers, List<Tensor> constants) {}

    /** Looks at a prompt's pictures and lays it out; none of it depends on adapters. */
    Laid lay(Encoded prompt) {
        device.makeCurrent();
        return prefill.lay(prompt);
    }

    /** The logits after the last token, shape (1, vocabulary). */
    Tensor lastLogits(Tensor hidden) {
        return decoder.logits(hidden.select(1, hidden.size(1) - 1));
    }

    /** The logits after a prompt and after each of these tokens, for comparisons. */
    public List<float[]> forcedLogits(Encoded prompt, List<Integer> tokens) {
        var first = prompt.ids.length;
        var all = new ArrayList<float[]>();
        try (var scope = TensorScope.open()) {
            var loop = loop(1, first + tokens.size() + 1);
            all.add(Ops.floats(read(List.of(prompt), List.of(0), loop.cache(), () -> {})));
            loop.begin(List.of(0), List.of(positions(prompt).next()), first);
            for (var token : tokens) {
                var next = device.place(Ops.tensor(new long[] {token}, 1), DType.INT64);
                all.add(Ops.floats(loop.step(next)));
            }
            forgetLoop();
        }
        return all;
    }

    /**
     * Reads prompts into the cache's rows, many at once.
     *
     * @param starts each prompt's first column
     * @param between called after each group of prompts; may end it by an exception
     * @return the logits of each prompt's last token, shape (prompts, vocabulary)
     */
    private Tensor read(
            List<Encoded> prompts, List<Integer> starts, KeyValueCache cache, Runnable between) {
        return TensorScope.compute(
                () -> {
                    var groups = new ArrayList<Prefill.Prepared>();
                    for (var from = 0; from < prompts.size(); ) {
                        var to = endOfGroup(prompts, from);
                        groups.add(
                                prefill.prepare(
                                        prompts.subList(from, to), from, starts.subList(from, to)));
                        from = to;
                    }
                    var logits = new ArrayList<Tensor>();
                    for (var group : groups) {
                        logits.add(
                                TensorScope.compute(
                                        () ->
                                                prefill.read(
                                                        group,
                                                        prefill.see(group.patches()),
                                                        cache)));
                        between.run();
                    }
                    return Ops.cat(0, logits.toArray(Tensor[]::new));
                });
    }

    private static int endOfGroup(List<Encoded> prompts, int from) {
        var tokens = 0;
        var to = from;
        while (to < prompts.size()
                && (to == from || tokens + prompts.get(to).ids.length <= TOKENS_TOGETHER)) {
            tokens += prompts.get(to++).ids.length;
        }
        return to;
    }

    /**
     * What the time to the first token is made of, each part waited for.
     *
     * @param images pictures resized and brought to the device with all else the host prepares
     * @param vision the vision tower
     * @param prompt the decoder over the prompts
     */
    public record Parts(double images, double vision, double prompt) {}

    /** Reads prompts part by part and says how long each took, in seconds. */
    public Parts parts(List<Encoded> prompts) {
        device.makeCurrent();
        var longest = prompts.stream().mapToInt(p -> p.ids.length).max().orElseThrow();
        try (var scope = TensorScope.open();
                var cache =
                        new KeyValueCache(config.text(), prompts.size(), longest, device, dtype)) {
            var marks = new long[4];
            marks[0] = now();
            var starts = prompts.stream().map(p -> longest - p.ids.length).toList();
            var prepared = prefill.prepare(prompts, 0, starts);
            marks[1] = now();
            var seen = prefill.see(prepared.patches());
            marks[2] = now();
            prefill.read(prepared, seen, cache);
            marks[3] = now();
            return new Parts(
                    (marks[1] - marks[0]) / 1e9,
                    (marks[2] - marks[1]) / 1e9,
                    (marks[3] - marks[2]) / 1e9);
        }
    }

    private long now() {
        device.synchronize();
        return System.nanoTime();
    }

    @Override
    public void close() {
        forgetLoop();
        images.close();
        math.close();
        parameters.close();
        device.emptyCache();
    }
}
