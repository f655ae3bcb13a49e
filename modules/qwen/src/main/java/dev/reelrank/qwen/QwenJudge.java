package dev.reelrank.qwen;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.Checkpoint;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.train.Block;
import dev.reelrank.torch.train.BlockPass;
import dev.reelrank.torch.train.LoraLayers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A Qwen3-VL that is asked one question about the frames of a video, with adapters beside its
 * decoder that learn the answer. The base may be in 4 bits; the vision tower has no adapters, so
 * what it sees of a video is computed once.
 *
 * <p>Used from one thread.
 */
public final class QwenJudge implements AutoCloseable {
    /** The layers that get an adapter: the projections of the decoder's attention. */
    public static final List<String> TARGETS =
            List.of(
                    "^model\\.language_model\\.layers\\.\\d+\\.self_attn\\.(q_proj|k_proj|v_proj|o_proj)");

    /**
     * What is asked.
     *
     * @param system the instruction before the frames
     * @param question after the frames
     * @param yes words for yes; those that are one token of the vocabulary count
     * @param no words for no
     */
    public record Wording(String system, String question, List<String> yes, List<String> no) {
        public Wording {
            yes = List.copyOf(yes);
            no = List.copyOf(no);
        }

        /** Which of two videos people prefer, asked of each alone. */
        public static final Wording BETTER =
                new Wording(
                        "Look at the image. Answer the question with yes or no.",
                        "Is this the better video?",
                        List.of("yes", "Yes"),
                        List.of("no", "No"));
    }

    private final QwenTokenizer tokenizer;
    private final QwenEngine engine;
    private final LoraLayers adapters;
    private final Wording wording;
    private final int[] yes;
    private final int[] no;

    private QwenJudge(
            QwenTokenizer tokenizer, QwenEngine engine, LoraLayers adapters, Wording wording) {
        this.tokenizer = tokenizer;
        this.engine = engine;
        this.adapters = adapters;
        this.wording = wording;
        yes = singles(wording.yes());
        no = singles(wording.no());
    }

    /**
     * Loads a model folder.
     *
     * @param adapters new; closed with this judge
     * @throws StageException MODEL_MISSING or MODEL_MISMATCH naming the file, RESOURCES codes when
     *     it does not fit the device
     */
    public static QwenJudge load(
            Path folder,
            Device device,
            QwenPrecision precision,
            LoraLayers adapters,
            Wording wording) {
        var config = QwenConfig.read(folder);
        var tokenizer = QwenTokenizer.open(folder, config.text().vocabulary());
        try (var source = Checkpoint.open(folder);
                var ahead = source.readAhead()) {
            tokenizer.requireId(ChatLayout.IMAGE, config.imageToken());
            var options =
                    new QwenModel.Options(QwenModel.Options.DEFAULT.maxImagePixels(), false, false);
            var engine = new QwenEngine(config, source, device, precision, options, adapters);
            return new QwenJudge(tokenizer, engine, adapters, wording);
        } catch (RuntimeException e) {
            tokenizer.close();
            adapters.close();
            throw e;
        }
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

    /** The adapters: switched off, the model is its base. */
    public LoraLayers adapters() {
        return adapters;
    }

    /** Where it computes. */
    public TorchDevice device() {
        return engine.device();
    }

    /** Frames of a video with the question behind them, as the decoder gets them. */
    public static final class Seen implements AutoCloseable {
        private final Tensor embedded;
        private final List<Block> layers;
        private final List<Tensor> kept;

        private Seen(QwenEngine.Laid laid) {
            embedded = laid.embedded();
            layers = laid.layers();
            kept = new ArrayList<>(laid.constants());
            kept.add(embedded);
            kept.forEach(Tensor::retainReference);
        }

        @Override
        public void close() {
            kept.forEach(Tensor::releaseReference);
            kept.clear();
        }
    }

    /**
     * Looks at a video.
     *
     * @param frames at least one, in order
     * @return to be closed before this judge
     */
    public Seen look(List<RgbImage> frames) {
        var chat = List.of(Turn.system(wording.system()), Turn.user(frames, wording.question()));
        var counts = frames.stream().map(engine::imageTokens).toList();
        var prompt =
                new QwenEngine.Encoded(tokenizer.encode(ChatLayout.text(chat, counts)), frames);
        try (var scope = TensorScope.inference()) {
            return new Seen(engine.lay(prompt));
        }
    }

    /** The answer, with the adapters as they are. */
    public Answer answer(Seen seen) {
        try (var scope = TensorScope.inference()) {
            var hidden = BlockPass.infer(new Tensor[] {seen.embedded}, seen.layers);
            var all = IntStream.concat(Arrays.stream(yes), Arrays.stream(no)).toArray();
            var likely =
                    Ops.floats(
                            Ops.softmaxFloat(engine.lastLogits(hidden), -1)
                                    .index_select(1, index(all)));
            double forYes = 0;
            double forNo = 0;
            for (int i = 0; i < all.length; i++) {
                if (i < yes.length) {
                    forYes += likely[i];
                } else {
                    forNo += likely[i];
                }
            }
            return new Answer(forYes, forNo);
        }
    }

    /** The logarithm of yes against no, with the adapters as they are. */
    public double odds(Seen seen) {
        try (var scope = TensorScope.inference()) {
            return BlockPass.infer(new Tensor[] {seen.embedded}, blocks(seen)).item_float();
        }
    }

    /** A pass whose output is {@link #odds}, shape (1), float32, ready for the way back. */
    BlockPass pass(Seen seen, BlockPass.Memory memory) {
        return BlockPass.forward(new Tensor[] {seen.embedded}, blocks(seen), memory);
    }

    private List<Block> blocks(Seen seen) {
        var blocks = new ArrayList<>(seen.layers);
        blocks.add(state -> new Tensor[] {odds(engine.lastLogits(state[0]))});
        return blocks;
    }

    private Tensor odds(Tensor logits) {
        var wide = Ops.to(logits, DType.FLOAT32);
        return torch.logsumexp(wide.index_select(1, index(yes)), new long[] {1})
                .sub(torch.logsumexp(wide.index_select(1, index(no)), new long[] {1}));
    }

    private Tensor index(int[] ids) {
        return engine.device()
                .place(
                        Ops.tensor(Arrays.stream(ids).asLongStream().toArray(), ids.length),
                        DType.INT64);
    }

    @Override
    public void close() {
        engine.close();
        tokenizer.close();
        adapters.close();
    }
}
