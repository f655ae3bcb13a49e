package dev.reelrank.qwen;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.Checkpoint;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TensorSource;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.Weights;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A loaded Qwen3-VL: answers conversations with images, and says how likely given answers are.
 *
 * <p>Used from one thread. Everything it holds of a device is given back by {@link #close}.
 */
public final class QwenModel implements TextGenerator, AutoCloseable {
    private static final int STEPS_BETWEEN_CHECKS = 8;

    private final QwenConfig config;
    private final QwenTokenizer tokenizer;
    private final TorchDevice device;
    private final DType dtype;
    private final Parameters parameters = new Parameters();
    private final ImageProcessor images;
    private final VisionTower vision;
    private final TextDecoder decoder;
    private final Rope rope;
    private final Set<Integer> stopTokens;
    private final Options options;

    /**
     * What may be chosen at loading.
     *
     * @param maxImagePixels larger images are reduced to this area; the model's own limit holds too
     * @param recording whether a GPU records the decoding step
     */
    public record Options(long maxImagePixels, boolean recording) {
        /**
         * Images up to 1280×1280 pixels: the generator works at 720p, and a photo of twelve
         * megapixels would cost twelve thousand tokens.
         */
        public static final Options DEFAULT = new Options(1280L * 1280L, true);
    }

    QwenModel(
            QwenConfig config,
            QwenTokenizer tokenizer,
            TensorSource source,
            Device device,
            Precision precision,
            Options options) {
        this.config = config;
        this.tokenizer = tokenizer;
        this.options = options;
        this.device = TorchDevice.of(device);
        this.device.makeCurrent();
        dtype = precision.activations();
        try (var scope = TensorScope.open();
                var guard = new NoGradGuard()) {
            images = new ImageProcessor(config.vision(), config.images(), options.maxImagePixels());
            var weights = new Weights(source, this.device, dtype, parameters);
            vision = new VisionTower(weights.child("model.visual"), config.vision());
            decoder =
                    new TextDecoder(
                            weights.child("model.language_model"), weights, config, precision);
            rope = new Rope(config.text(), this.device, dtype, parameters);
            weights.requireAllUsed();
        } catch (RuntimeException e) {
            parameters.close();
            tokenizer.close();
            throw TorchFailures.translate(e, "loading Qwen3-VL from " + source.location());
        }
        stopTokens = new HashSet<>(config.stopTokens());
        stopTokens.add(tokenizer.id(ChatLayout.END));
    }

    /**
     * Loads a model folder: config.json, tokenizer.json, *.safetensors and their companions.
     *
     * @throws StageException MODEL_MISSING or MODEL_MISMATCH naming the file, RESOURCES codes when
     *     it does not fit the device
     */
    public static QwenModel load(Path folder, Device device, Precision precision) {
        return load(folder, device, precision, Options.DEFAULT);
    }

    /** The same with options. */
    public static QwenModel load(Path folder, Device device, Precision precision, Options options) {
        var config = QwenConfig.read(folder);
        try (var source = Checkpoint.open(folder)) {
            return new QwenModel(
                    config, QwenTokenizer.open(folder), source, device, precision, options);
        }
    }

    /** Bytes of all weights. */
    public long weightBytes() {
        return parameters.bytes();
    }

    QwenConfig config() {
        return config;
    }

    QwenTokenizer tokenizer() {
        return tokenizer;
    }

    // What tests compare with transformers, step by step.

    int[] encoded(List<Turn> chat) {
        return tokenizer.encode(ChatLayout.text(chat, tokens(grids(chat))));
    }

    Positions positions(List<Turn> chat) {
        return Positions.of(
                encoded(chat), config.imageToken(), grids(chat), config.vision().merge());
    }

    VisionTower.Features features(RgbImage picture) {
        return vision.forward(images.patches(picture), images.grid(picture));
    }

    /** The logits after the prompt and after each of these tokens. */
    List<float[]> forcedLogits(List<Turn> chat, List<Integer> tokens) {
        try (var scope = TensorScope.open();
                var guard = new NoGradGuard()) {
            var prompt = prepare(chat, tokens.size() + 1);
            var first = prompt.ids.length;
            var all = new ArrayList<float[]>();
            try (var cache =
                    new KeyValueCache(config.text(), 1, first + tokens.size() + 1, device, dtype)) {
                all.add(Ops.floats(prefill(prompt, cache.prefill(0, 0))));
                try (var loop =
                        new DecodeLoop(
                                decoder,
                                rope,
                                cache,
                                List.of(0),
                                List.of(prompt.positions.next()),
                                first,
                                device,
                                dtype,
                                DecodeLoop.Recording.NONE)) {
                    for (var token : tokens) {
                        var next = device.place(Ops.tensor(new long[] {token}, 1), DType.INT64);
                        all.add(Ops.floats(loop.step(next)));
                    }
                }
            }
            return all;
        }
    }

    private List<ImageGrid> grids(List<Turn> chat) {
        return chat.stream().flatMap(turn -> turn.images().stream()).map(images::grid).toList();
    }

    @Override
    public Set<String> specialTokens() {
        return tokenizer.addedTokens();
    }

    @Override
    public List<Generation> generate(List<List<Turn>> chats, Decoding decoding, Watch watch) {
        return generate(chats, decoding, watch, stopTokens).stream().map(this::generation).toList();
    }

    private Generation generation(Tokens tokens) {
        return new Generation(tokenizer.decode(tokens.ids), tokens.ids, tokens.complete);
    }

    /** Generated ids before a stop token, and whether one came. */
    record Tokens(List<Integer> ids, boolean complete) {}

    List<Tokens> generate(
            List<List<Turn>> chats, Decoding decoding, Watch watch, Set<Integer> stops) {
        if (chats.isEmpty()) {
            return List.of();
        }
        device.makeCurrent();
        try (var scope = TensorScope.open();
                var guard = new NoGradGuard()) {
            var prompts =
                    chats.stream().map(chat -> prepare(chat, decoding.maxNewTokens())).toList();
            var first = prompts.stream().mapToInt(p -> p.ids.length).max().orElseThrow();
            try (var cache =
                    new KeyValueCache(
                            config.text(),
                            prompts.size(),
                            first + decoding.maxNewTokens(),
                            device,
                            dtype)) {
                return run(prompts, cache, first, decoding, watch, stops);
            }
        } catch (RuntimeException e) {
            throw TorchFailures.translate(e, "generating with Qwen3-VL on " + device);
        }
    }

    private List<Tokens> run(
            List<Prompt> prompts,
            KeyValueCache cache,
            int first,
            Decoding decoding,
            Watch watch,
            Set<Integer> stops) {
        var limit = decoding.maxNewTokens();
        var starts = prompts.stream().map(p -> first - p.ids.length).toList();
        var logits = new Tensor[prompts.size()];
        for (var row = 0; row < logits.length; row++) {
            logits[row] = prefill(prompts.get(row), cache.prefill(row, starts.get(row)));
            proceed(watch, 0, limit);
        }
        var nexts = prompts.stream().map(p -> p.positions.next()).toList();
        var made = Ops.zeros(device, DType.INT64, prompts.size(), limit);
        var recording =
                options.recording() && limit > STEPS_BETWEEN_CHECKS
                        ? DecodeLoop.Recording.GRAPH
                        : DecodeLoop.Recording.NONE;
        try (var sampler = new Sampler(decoding, config.sampling(), device);
                var loop =
                        new DecodeLoop(
                                decoder, rope, cache, starts, nexts, first, device, dtype,
                                recording)) {
            var next = sampler.next(Ops.cat(0, logits));
            for (var step = 0; ; step++) {
                made.narrow(1, step, 1).copy_(next.unsqueeze(1));
                var done = step + 1;
                if (done == limit || due(done) && allStopped(made, done, stops)) {
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
     * How likely the model's next word is yes or no, for several questions about the same images.
     * What they share is computed once, the questions in one pass.
     *
     * @param system the instruction before the images
     * @param questions plain sentences, without special tokens
     * @param yes words for yes; those that are one token of the vocabulary count
     * @param no words for no
     * @return one answer a question, in order
     * @throws StageException MODEL_MISMATCH when no word for one of the answers is one token
     */
    public List<Answer> ask(
            String system,
            List<RgbImage> pictures,
            List<String> questions,
            List<String> yes,
            List<String> no) {
        if (questions.isEmpty()) {
            return List.of();
        }
        var yesIds = singles(yes);
        var noIds = singles(no);
        device.makeCurrent();
        try (var scope = TensorScope.open();
                var guard = new NoGradGuard()) {
            var user = Turn.user(pictures, "");
            var before = system.isEmpty() ? List.<Turn>of() : List.of(Turn.system(system));
            var grids = pictures.stream().map(images::grid).toList();
            var shared =
                    prompt(
                            ChatLayout.sharedText(before, user, tokens(grids)),
                            pictures,
                            grids,
                            questions.size());
            try (var cache =
                    new KeyValueCache(config.text(), 1, shared.ids.length, device, dtype)) {
                prefill(shared, cache.prefill(0, 0));
                var logits = continuations(shared, cache, questions);
                return answers(logits, yesIds, noIds);
            }
        } catch (RuntimeException e) {
            throw TorchFailures.translate(e, "asking Qwen3-VL on " + device);
        }
    }

    private List<Integer> singles(List<String> words) {
        var ids = words.stream().flatMap(w -> tokenizer.single(w).stream()).distinct().toList();
        if (ids.isEmpty()) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "none of " + words + " is one token of this model's vocabulary");
        }
        return ids;
    }

    /** All questions as one row, each seeing what is shared and itself. */
    private Tensor continuations(Prompt shared, KeyValueCache cache, List<String> questions) {
        var pieces =
                questions.stream().map(q -> tokenizer.encode(ChatLayout.questionText(q))).toList();
        var total = pieces.stream().mapToInt(p -> p.length).sum();
        var prefix = shared.ids.length;
        var mask = new float[total * (prefix + total)];
        var ids = new long[total];
        var axes = new long[total];
        var lasts = new long[pieces.size()];
        var at = 0;
        for (var q = 0; q < lasts.length; q++) {
            var begin = at;
            for (var id : pieces.get(q)) {
                ids[at] = id;
                axes[at] = shared.positions.next() + at - begin;
                var row = at * (prefix + total);
                Arrays.fill(mask, row, row + prefix, 1);
                Arrays.fill(mask, row + prefix + begin, row + prefix + at + 1, 1);
                at++;
            }
            lasts[q] = at - 1L;
        }
        var positions = new Positions(new long[][] {axes, axes, axes}, shared.positions.next());
        var visible = device.place(Ops.tensor(mask, 1, 1, total, prefix + total), DType.BOOL);
        var embedded = decoder.embed(device.place(Ops.tensor(ids, 1, total), DType.INT64));
        var hidden =
                decoder.forward(
                        embedded,
                        rope.turns(positions),
                        cache.continuations(prefix, visible),
                        null,
                        List.of());
        var ends = device.place(Ops.tensor(lasts, lasts.length), DType.INT64);
        return decoder.logits(hidden.squeeze(0).index_select(0, ends));
    }

    private static List<Answer> answers(Tensor logits, List<Integer> yes, List<Integer> no) {
        var probabilities = Ops.softmaxFloat(logits, -1);
        var count = (int) logits.size(0);
        var answers = new ArrayList<Answer>();
        var flat = Ops.floats(probabilities);
        var width = flat.length / count;
        for (var q = 0; q < count; q++) {
            var row = q * width;
            answers.add(
                    new Answer(
                            yes.stream().mapToDouble(id -> flat[row + id]).sum(),
                            no.stream().mapToDouble(id -> flat[row + id]).sum()));
        }
        return answers;
    }

    /** A tokenized conversation with its images' features. */
    private record Prompt(
            int[] ids,
            Positions positions,
            @Nullable Tensor imageColumns,
            List<VisionTower.Features> features) {}

    private Prompt prepare(List<Turn> chat, int maxNewTokens) {
        var pictures = chat.stream().flatMap(turn -> turn.images().stream()).toList();
        var grids = pictures.stream().map(images::grid).toList();
        return prompt(ChatLayout.text(chat, tokens(grids)), pictures, grids, maxNewTokens);
    }

    private List<Integer> tokens(List<ImageGrid> grids) {
        return grids.stream().map(g -> g.tokens(config.vision().merge())).toList();
    }

    private Prompt prompt(
            String text, List<RgbImage> pictures, List<ImageGrid> grids, int maxNewTokens) {
        var ids = tokenizer.encode(text);
        if (ids.length + maxNewTokens > config.text().maxPositions()) {
            throw new StageException(
                    FailureCode.PROMPT_TOO_LONG,
                    "the prompt has %d tokens with its images, and %d are to follow; this model takes %d in all: shorten the prompt"
                            .formatted(ids.length, maxNewTokens, config.text().maxPositions()));
        }
        var features = new ArrayList<VisionTower.Features>();
        for (var i = 0; i < pictures.size(); i++) {
            features.add(vision.forward(images.patches(pictures.get(i)), grids.get(i)));
        }
        var positions = Positions.of(ids, config.imageToken(), grids, config.vision().merge());
        var columns =
                java.util.stream.IntStream.range(0, ids.length)
                        .filter(i -> ids[i] == config.imageToken())
                        .asLongStream()
                        .toArray();
        var imageColumns =
                columns.length == 0
                        ? null
                        : device.place(Ops.tensor(columns, columns.length), DType.INT64);
        return new Prompt(ids, positions, imageColumns, features);
    }

    /** Runs a prompt and returns the logits of its last token, shape (1, vocabulary). */
    private Tensor prefill(Prompt prompt, KeyValues keyValues) {
        return TensorScope.compute(
                () -> {
                    var ids = Arrays.stream(prompt.ids).asLongStream().toArray();
                    var embedded =
                            decoder.embed(
                                    device.place(Ops.tensor(ids, 1, ids.length), DType.INT64));
                    var deepstack = new ArrayList<Tensor>();
                    if (prompt.imageColumns != null) {
                        embedded =
                                embedded.index_copy(
                                        1,
                                        prompt.imageColumns,
                                        joined(
                                                        prompt.features.stream()
                                                                .map(f -> f.tokens())
                                                                .toList())
                                                .unsqueeze(0));
                        for (var i = 0; i < config.vision().deepstack().size(); i++) {
                            var level = i;
                            deepstack.add(
                                    joined(
                                            prompt.features.stream()
                                                    .map(f -> f.deepstack().get(level))
                                                    .toList()));
                        }
                    }
                    var hidden =
                            decoder.forward(
                                    embedded,
                                    rope.turns(prompt.positions),
                                    keyValues,
                                    prompt.imageColumns,
                                    deepstack);
                    return decoder.logits(hidden.select(1, ids.length - 1));
                });
    }

    private static Tensor joined(List<Tensor> parts) {
        return parts.size() == 1 ? parts.get(0) : Ops.cat(0, parts.toArray(Tensor[]::new));
    }

    @Override
    public void close() {
        images.close();
        parameters.close();
        tokenizer.close();
        device.emptyCache();
    }
}
