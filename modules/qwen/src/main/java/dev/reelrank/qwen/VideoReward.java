package dev.reelrank.qwen;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.Attention;
import dev.reelrank.torch.Checkpoint;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Linear;
import dev.reelrank.torch.LinearAdapters;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.RandomShards;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TensorSource;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.TorchRuntime;
import dev.reelrank.torch.Weights;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * VideoReward (VideoAlign, Liu et al. 2025, arXiv 2501.13918): Qwen2-VL-2B with a head that reads
 * the quality of a video off three tokens of its question. LoRAs are merged while it loads.
 *
 * <p>As in the published code, every token stands at its place in the sequence on all three axes:
 * what transformers 4.45 does when it is given embeddings and no ids. Other positions give other
 * scores.
 *
 * <p>Used from one thread. Everything it holds of a device is given back by {@link #close}.
 */
public final class VideoReward implements AutoCloseable {
    /** SHA-256 of the published template, filled with the prompt PROMPT. */
    public static final String TEMPLATE = RewardTemplate.PUBLISHED;

    private static final String VIDEO = "<|video_pad|>";
    private static final String BEFORE =
            """
            <|im_start|>system
            You are a helpful assistant.<|im_end|>
            <|im_start|>user
            <|vision_start|>""";
    private static final String BETWEEN = "<|vision_end|>";
    private static final String AFTER = "<|im_end|>\n<|im_start|>assistant\n";

    /** Area of a frame, pixels: from 128 to 256 tokens of 28 by 28. */
    private static final long LEAST_PIXELS = 128 * 28 * 28;

    private static final long MOST_PIXELS = 256 * 28 * 28;

    private static final int STEP = 64;

    private static final long SHARD_BYTES = 1L << 30;

    private static final List<Double> MEAN = List.of(0.48145466, 0.4578275, 0.40821073);
    private static final List<Double> DEVIATION = List.of(0.26862954, 0.26130258, 0.27577711);

    private final RewardConfig config;
    private final DecoderConfig text;
    private final RewardTemplate template;
    private final QwenTokenizer tokenizer;
    private final TorchDevice device;
    private final Parameters parameters;
    private final RewardVision vision;
    private final TextDecoder decoder;
    private final DecoderMath math;
    private final Rope rope;
    private final Linear head;
    private final ImageProcessor images;
    private final int[] before;
    private final Set<Integer> rewards;
    private final long leastPixels;
    private final long mostPixels;

    /**
     * The three rewards, z-scores: 0 is an average video of the training, higher is better.
     *
     * @param visual visual quality
     * @param motion motion quality
     * @param text text alignment
     */
    public record Scores(double visual, double motion, double text) {}

    /**
     * @param words of the vocabulary
     * @param outputs of the reward head
     */
    private VideoReward(
            Path folder,
            TensorSource source,
            long words,
            long outputs,
            Device on,
            String sha256,
            long least,
            long most) {
        config = RewardConfig.read(folder);
        template = RewardTemplate.read(folder, sha256);
        leastPixels = least;
        mostPixels = most;
        text = config.text().asQwen2(Math.toIntExact(words));
        tokenizer = QwenTokenizer.open(folder, text.vocabulary());
        device = TorchDevice.of(on);
        parameters = new Parameters();
        try {
            requireTokens(folder);
            before = tokenizer.encode(BEFORE);
            rewards =
                    Arrays.stream(RewardConfig.NAMES)
                            .map(n -> tokenizer.id(token(n)))
                            .collect(Collectors.toUnmodifiableSet());
            var dtype = on.isCuda() ? DType.BFLOAT16 : DType.FLOAT32;
            var precision = on.isCuda() ? QwenPrecision.BF16 : QwenPrecision.FP32;
            var weights = new Weights(source, device, dtype, parameters);
            math = new PlainMath(text);
            rope = new Rope(text, device, dtype, parameters);
            vision = new RewardVision(weights.child("visual"), config.vision());
            decoder =
                    new TextDecoder(
                            weights.child("model"),
                            weights,
                            text,
                            precision,
                            math,
                            LinearAdapters.NONE);
            head = Linear.load(weights.child("rm_head"), text.hidden(), outputs, false);
            weights.requireAllUsed();
            images =
                    new ImageProcessor(
                            config.vision(),
                            new QwenConfig.Images(least, most, MEAN, DEVIATION),
                            most);
        } catch (RuntimeException e) {
            parameters.close();
            tokenizer.close();
            throw e;
        }
    }

    /**
     * Loads a folder: the converted weights, config.json of Qwen2-VL-2B, model_config.json,
     * tokenizer.json and the template (docs/evaluation.md).
     *
     * @throws StageException MODEL_MISSING or MODEL_MISMATCH naming the file
     */
    public static VideoReward load(Path folder, Device device) {
        return load(folder, device, RewardTemplate.PUBLISHED, LEAST_PIXELS, MOST_PIXELS);
    }

    /**
     * The same with a template of one's own, for benchmarks: the scores mean nothing then.
     *
     * @param sha256 of the template filled with the prompt PROMPT
     */
    public static VideoReward load(Path folder, Device device, String sha256) {
        return load(folder, device, sha256, LEAST_PIXELS, MOST_PIXELS);
    }

    static VideoReward load(Path folder, Device device, String sha256, long least, long most) {
        TorchRuntime.start();
        double alpha = RewardConfig.read(folder).alpha();
        try (var source = new PeftSource(Checkpoint.open(folder), alpha)) {
            long words = source.shape("model.embed_tokens.weight")[0];
            long outputs = source.shape("rm_head.weight")[0];
            if (outputs != 1 && outputs != RewardConfig.NAMES.length) {
                throw new StageException(
                        FailureCode.MODEL_MISMATCH,
                        "%s: the reward head has %d outputs; known are 1 and 3"
                                .formatted(source.location(), outputs));
            }
            return new VideoReward(folder, source, words, outputs, device, sha256, least, most);
        }
    }

    /**
     * Writes random weights into a folder that has the other files, for benchmarks.
     *
     * @param words of the vocabulary, at least the tokenizer's
     * @param sha256 of the template filled with the prompt PROMPT
     */
    public static void writeRandom(Path folder, Device device, long words, String sha256) {
        TorchRuntime.start();
        try (var source = new RandomShards(folder, "model", 0.02, SHARD_BYTES)) {
            new VideoReward(folder, source, words, 1, device, sha256, LEAST_PIXELS, MOST_PIXELS)
                    .close();
        }
    }

    /**
     * Looks whether a folder holds the model, without reading a weight.
     *
     * @param sha256 of the template filled with the prompt PROMPT
     * @throws StageException MODEL_MISSING or MODEL_MISMATCH naming the file
     */
    public static void check(Path folder, String sha256) {
        RewardConfig.read(folder);
        RewardTemplate.read(folder, sha256);
        Checkpoint.open(folder).close();
    }

    /**
     * Judges a video.
     *
     * @param frames those of {@link RewardFrames#indices}, an even number, of one size
     * @param prompt the original one
     */
    public Scores judge(List<RgbImage> frames, String prompt) {
        double[] raw = raw(frames, prompt);
        var scales = config.scales();
        return new Scores(scales[0].of(raw[0]), scales[1].of(raw[1]), scales[2].of(raw[2]));
    }

    /**
     * How long the parts of a judgement take, seconds, each waited for: together they take longer
     * than {@link #judge}, where the host goes on while the device computes.
     *
     * @param question tokens and positions
     * @param frames to the device, resized and cut into patches
     * @param vision the vision tower
     * @param language the decoder and the head
     */
    public record Parts(double question, double frames, double vision, double language) {}

    /**
     * Times a judgement; arguments as of {@link #judge}.
     *
     * @return what each part took
     */
    public Parts time(List<RgbImage> frames, String prompt) {
        var seconds = new ArrayList<Double>();
        device.synchronize();
        var since = new AtomicLong(System.nanoTime());
        raw(
                frames,
                prompt,
                () -> {
                    device.synchronize();
                    long now = System.nanoTime();
                    seconds.add((now - since.getAndSet(now)) / 1e9);
                });
        return new Parts(seconds.get(0), seconds.get(1), seconds.get(2), seconds.get(3));
    }

    /** What the head says, before it is normalised: VQ, MQ, TA. */
    double[] raw(List<RgbImage> frames, String prompt) {
        return raw(frames, prompt, () -> {});
    }

    /**
     * @param lap run at the end of each of the four {@link Parts}
     */
    private double[] raw(List<RgbImage> frames, String prompt, Runnable lap) {
        device.makeCurrent();
        try (var scope = TensorScope.open()) {
            var grid = grid(frames);
            // Before the device has work: each upload waits for all that it was given before.
            int[] asked = tokens(prompt, videoTokens(grid, frames.size()));
            int[] places = places(asked);
            int[] ids = lengthened(asked);
            long[] wide = IntStream.of(ids).asLongStream().toArray();
            var embedded =
                    decoder.embed(device.place(Ops.tensor(wide, 1, ids.length), DType.INT64));
            var turns = rope.turns(Positions.text(0, ids.length));
            var visionTurns = vision.turns(grid);
            lap.run();
            var patches = images.video(frames, grid, device);
            lap.run();
            var seen = vision.forward(patches, visionTurns);
            lap.run();
            embedded.narrow(1, before.length, seen.size(0)).copy_(seen.unsqueeze(0));
            var hidden = decoder.forward(embedded, turns, VideoReward::causal, null, List.of());
            float[] rewards = Ops.floats(head.apply(decoder.normed(hidden).squeeze(0)));
            lap.run();
            int channels = Math.toIntExact(head.out());
            var raw = new double[places.length];
            for (int k = 0; k < raw.length; k++) {
                // One output is read at the k-th token; of three, the k-th is.
                raw[k] = rewards[places[k] * channels + (channels == 1 ? 0 : k)];
            }
            return raw;
        }
    }

    /**
     * The question with its last token again and again, up to a multiple of {@value #STEP}: no
     * token sees what stands behind it. Prompts of different lengths then have few lengths in
     * common, for each of which a GPU's attention is planned once.
     */
    private static int[] lengthened(int[] ids) {
        int[] longer = Arrays.copyOf(ids, (ids.length + STEP - 1) / STEP * STEP);
        Arrays.fill(longer, ids.length, longer.length, ids[ids.length - 1]);
        return longer;
    }

    private ImageGrid grid(List<RgbImage> frames) {
        var first = frames.get(0);
        return ImageGrid.fit(
                first.width(), first.height(), config.vision(), leastPixels, mostPixels);
    }

    private int videoTokens(ImageGrid grid, int frames) {
        var see = config.vision();
        return grid.tokens(see.merge()) * (frames / see.temporalPatch());
    }

    /** The tokens of the vision tower, for comparison with others. */
    float[] vision(List<RgbImage> frames) {
        try (var scope = TensorScope.open()) {
            var grid = grid(frames);
            return Ops.floats(
                    vision.forward(images.video(frames, grid, device), vision.turns(grid)));
        }
    }

    /**
     * The conversation about a video. Special tokens part a text, so what stands on either side of
     * the video is read by itself, and its thousand equal tokens are not read at all.
     */
    int[] tokens(String prompt, int videoTokens) {
        int[] after = tokenizer.encode(BETWEEN + template.fill(prompt) + AFTER);
        var ids = Arrays.copyOf(before, before.length + videoTokens + after.length);
        Arrays.fill(ids, before.length, before.length + videoTokens, tokenizer.id(VIDEO));
        System.arraycopy(after, 0, ids, before.length + videoTokens, after.length);
        return ids;
    }

    private static Tensor causal(int layer, Tensor query, Tensor key, Tensor value) {
        long times = query.size(2) / key.size(2);
        var attended =
                Attention.causal(
                        query.transpose(1, 2), repeated(key, times), repeated(value, times));
        return attended.transpose(1, 2).reshape(query.size(0), query.size(1), -1);
    }

    private static Tensor repeated(Tensor x, long times) {
        return KeyValueCache.repeated(x.transpose(1, 2), times);
    }

    /** Where the three reward tokens stand. */
    private int[] places(int[] ids) {
        int[] places =
                IntStream.range(0, ids.length).filter(i -> rewards.contains(ids[i])).toArray();
        if (places.length != RewardConfig.NAMES.length) {
            throw new StageException(
                    FailureCode.INVALID_SAMPLE,
                    "the question has %d reward tokens instead of 3: the prompt names one of them"
                            .formatted(places.length));
        }
        return places;
    }

    private static String token(String name) {
        return "<|" + name + "_reward|>";
    }

    private void requireTokens(Path folder) {
        for (String name : RewardConfig.NAMES) {
            if (!tokenizer.addedTokens().contains(token(name))) {
                throw new StageException(
                        FailureCode.MODEL_MISMATCH,
                        "%s lacks the token %s: take the tokenizer that lies beside VideoReward's checkpoint, not Qwen2-VL's"
                                .formatted(folder.resolve("tokenizer.json"), token(name)));
            }
        }
    }

    /** Bytes of all weights. */
    public long weightBytes() {
        return parameters.bytes();
    }

    @Override
    public void close() {
        images.close();
        math.close();
        parameters.close();
        tokenizer.close();
    }
}
