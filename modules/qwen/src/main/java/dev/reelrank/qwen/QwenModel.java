package dev.reelrank.qwen;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.Checkpoint;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A loaded Qwen3-VL: answers conversations with images, and says how likely given answers are.
 *
 * <pre>{@code
 * try (var model = QwenModel.load(folder, Device.CPU, QwenPrecision.FP32)) {
 *     var chat = List.of(Turn.user(List.of(picture), "What moves here?"));
 *     var answer = model.generate(List.of(chat), Decoding.greedy(64), Watch.NONE).get(0).text();
 *     var red = model.ask("Answer with yes or no.", List.of(picture), List.of("Is it red?"),
 *             List.of("yes", "Yes"), List.of("no", "No")).get(0).probability();
 * }
 * }</pre>
 *
 * <p>Used from one thread. Everything it holds of a device is given back by {@link #close}.
 */
public final class QwenModel implements TextGenerator, AutoCloseable {
    private final QwenTokenizer tokenizer;
    private final QwenEngine engine;
    private final Set<Integer> stopTokens;

    /**
     * What may be chosen at loading.
     *
     * @param maxImagePixels larger images are reduced to this area; the model's own limit holds too
     * @param recording whether a GPU records the decoding step as a graph
     * @param fused whether a GPU does what lies between products by kernels of our own, in bfloat16
     */
    public record Options(long maxImagePixels, boolean recording, boolean fused) {
        /**
         * Images up to 1280×1280 pixels: the generator works at 720p, and a photo of twelve
         * megapixels would cost twelve thousand tokens.
         */
        public static final Options DEFAULT = new Options(1280L * 1280L, true, true);
    }

    private QwenModel(QwenTokenizer tokenizer, QwenEngine engine, List<Integer> stops) {
        this.tokenizer = tokenizer;
        this.engine = engine;
        stopTokens = new HashSet<>(stops);
        stopTokens.add(tokenizer.id(ChatLayout.END));
    }

    /**
     * Loads a model folder: config.json, tokenizer.json, *.safetensors and their companions.
     *
     * @throws StageException MODEL_MISSING or MODEL_MISMATCH naming the file, RESOURCES codes when
     *     it does not fit the device
     */
    public static QwenModel load(Path folder, Device device, QwenPrecision precision) {
        return load(folder, device, precision, Options.DEFAULT);
    }

    /** The same with options. */
    public static QwenModel load(
            Path folder, Device device, QwenPrecision precision, Options options) {
        var config = QwenConfig.read(folder);
        var tokenizer = QwenTokenizer.open(folder, config.text().vocabulary());
        try (var source = Checkpoint.open(folder);
                var ahead = source.readAhead()) {
            tokenizer.requireId(ChatLayout.IMAGE, config.imageToken());
            var engine = new QwenEngine(config, source, device, precision, options);
            return new QwenModel(tokenizer, engine, config.stopTokens());
        } catch (RuntimeException e) {
            tokenizer.close();
            throw e;
        }
    }

    /**
     * Looks whether a folder holds a model that can be loaded: its configuration, its tokenizer and
     * the headers of its weights are read, no weight is.
     *
     * @throws StageException MODEL_MISSING or MODEL_MISMATCH naming the file
     */
    public static void check(Path folder) {
        var config = QwenConfig.read(folder);
        try (var tokenizer = QwenTokenizer.open(folder, config.text().vocabulary())) {
            tokenizer.requireId(ChatLayout.IMAGE, config.imageToken());
        }
        Checkpoint.open(folder).close();
    }

    /** Bytes of all weights. */
    public long weightBytes() {
        return engine.weightBytes();
    }

    QwenEngine engine() {
        return engine;
    }

    QwenTokenizer tokenizer() {
        return tokenizer;
    }

    @Override
    public Set<String> specialTokens() {
        return tokenizer.addedTokens();
    }

    @Override
    public List<Generation> generate(List<List<Turn>> chats, Decoding decoding, Watch watch) {
        return generate(chats, decoding, watch, stopTokens).stream()
                .map(t -> new Generation(tokenizer.decode(t.ids()), t.ids(), t.complete()))
                .toList();
    }

    List<QwenEngine.Tokens> generate(
            List<List<Turn>> chats, Decoding decoding, Watch watch, Set<Integer> stops) {
        return chats.isEmpty()
                ? List.of()
                : engine.generate(
                        chats.stream().map(this::encode).toList(), decoding, watch, stops);
    }

    /**
     * How likely the model's next word is yes or no, for several questions about the same images.
     * What they share is computed once, the questions in one pass.
     *
     * @param system the instruction before the images; may be empty
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
        var ids = IntStream.concat(Arrays.stream(yesIds), Arrays.stream(noIds)).toArray();
        var before = system.isEmpty() ? List.<Turn>of() : List.of(Turn.system(system));
        var user = Turn.user(pictures, "");
        var shared =
                new QwenEngine.Encoded(
                        tokenizer.encode(ChatLayout.sharedText(before, user, counts(pictures))),
                        pictures);
        var pieces =
                questions.stream().map(q -> tokenizer.encode(ChatLayout.questionText(q))).toList();
        return engine.probabilities(shared, pieces, ids).stream()
                .map(
                        p ->
                                new Answer(
                                        Arrays.stream(p, 0, yesIds.length).sum(),
                                        Arrays.stream(p, yesIds.length, p.length).sum()))
                .toList();
    }

    private int[] singles(List<String> words) {
        var ids =
                words.stream()
                        .flatMap(word -> tokenizer.single(word).stream())
                        .mapToInt(Integer::intValue)
                        .distinct()
                        .toArray();
        if (ids.length == 0) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "none of " + words + " is one token of this model's vocabulary");
        }
        return ids;
    }

    /** The ids of a conversation, open for the assistant's answer, with its pictures' places. */
    public List<Integer> tokens(List<Turn> chat) {
        return Arrays.stream(encode(chat).ids()).boxed().toList();
    }

    /**
     * What the model thinks of every token of its vocabulary: after the conversation, and after
     * each of the ids that follow it.
     *
     * @param following ids of the answer's beginning; may be empty
     * @return one row more than there are ids
     */
    public List<float[]> logits(List<Turn> chat, List<Integer> following) {
        return engine.forcedLogits(encode(chat), following);
    }

    QwenEngine.Encoded encode(List<Turn> chat) {
        var pictures = chat.stream().flatMap(turn -> turn.images().stream()).toList();
        return new QwenEngine.Encoded(
                tokenizer.encode(ChatLayout.text(chat, counts(pictures))), pictures);
    }

    private List<Integer> counts(List<RgbImage> pictures) {
        return pictures.stream().map(engine::imageTokens).toList();
    }

    @Override
    public void close() {
        engine.close();
        tokenizer.close();
    }
}
