package dev.reelrank.bench.evaluate;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.bench.Hardware;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.Sha256;
import dev.reelrank.qwen.RewardFrames;
import dev.reelrank.qwen.VideoReward;
import dev.reelrank.torch.TorchRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.ToDoubleFunction;

/**
 * How long VideoReward takes with random weights of the published size. The folder serves
 * transformers too ({@code peers/peer_reward.py}), whose scores must then be the same.
 */
final class RewardSpeed {
    private static final long WORDS = 151_660;
    private static final int LENGTH = 81;
    private static final double FPS = 16;

    /** How often the parts are timed. */
    private static final int TIMES = 3;

    /** As long as the published question; the words do not matter. */
    private static final String TEMPLATE =
            "\n"
                    + "Look at the frames of this video and judge it. ".repeat(60)
                    + "<|VQ_reward|>\nEND\n<|MQ_reward|>\nEND\n{text_prompt}\n<|TA_reward|>\nEND\n";

    private static final String PROMPT = "A red ring slides to the left.";

    private RewardSpeed() {}

    /**
     * What it took.
     *
     * @param secondsToLoad from opening the files to the last weight on the device
     * @param secondsPerVideo best of the repetitions, frames in memory
     * @param parts the least that each part took, waited for one after another
     * @param scores of the first video, to be compared with transformers
     */
    record Speed(
            String command,
            String commit,
            String hardware,
            String size,
            int videoFrames,
            double secondsToLoad,
            double secondsPerVideo,
            VideoReward.Parts parts,
            List<Double> scores) {
        String text() {
            return String.format(
                    Locale.ROOT,
                    "VideoReward on %s: loaded in %.2f s, %.3f s per video of %d frames at %s"
                            + " (one after another: question %.3f, frames %.3f, vision %.3f,"
                            + " language %.3f); scores %s%n",
                    hardware,
                    secondsToLoad,
                    secondsPerVideo,
                    videoFrames,
                    size,
                    parts.question(),
                    parts.frames(),
                    parts.vision(),
                    parts.language(),
                    scores);
        }
    }

    /** Writes a folder with random weights of the published size. */
    static void make(Path folder, Path tokenizer, Device device) throws IOException {
        Files.createDirectories(folder);
        var json = new ObjectMapper();
        var config = json.createObjectNode();
        config.put("model_type", "qwen2_vl")
                .put("hidden_act", "silu")
                .put("hidden_size", 1536)
                .put("intermediate_size", 8960)
                .put("num_hidden_layers", 28)
                .put("num_attention_heads", 12)
                .put("num_key_value_heads", 2)
                .put("rms_norm_eps", 1e-6)
                .put("rope_theta", 1e6)
                .put("max_position_embeddings", 32_768)
                .put("vocab_size", 151_936)
                .put("tie_word_embeddings", true);
        ArrayNode sections =
                config.putObject("rope_scaling").put("type", "mrope").putArray("mrope_section");
        sections.add(16).add(24).add(24);
        config.putObject("vision_config")
                .put("depth", 32)
                .put("embed_dim", 1280)
                .put("hidden_size", 1536)
                .put("mlp_ratio", 4)
                .put("num_heads", 16)
                .put("patch_size", 14)
                .put("spatial_merge_size", 2)
                .put("temporal_patch_size", 2);
        json.writeValue(folder.resolve("config.json").toFile(), config);
        ObjectNode own = json.createObjectNode();
        own.putObject("peft_lora_config").put("lora_alpha", 128);
        var scales = own.putObject("inference_config");
        for (String name : List.of("VQ", "MQ", "TA")) {
            scales.put(name + "_mean", 0).put(name + "_std", 1);
        }
        json.writeValue(folder.resolve("model_config.json").toFile(), own);
        var words = (ObjectNode) json.readTree(tokenizer.toFile());
        var added = (ArrayNode) words.path("added_tokens");
        int next = 0;
        for (var token : added) {
            next = Math.max(next, token.path("id").asInt() + 1);
        }
        for (String name : List.of("VQ", "MQ", "TA")) {
            added.addObject()
                    .put("id", next++)
                    .put("content", "<|" + name + "_reward|>")
                    .put("single_word", false)
                    .put("lstrip", false)
                    .put("rstrip", false)
                    .put("normalized", false)
                    .put("special", true);
        }
        json.writeValue(folder.resolve("tokenizer.json").toFile(), words);
        Files.writeString(folder.resolve("prompt_template.txt"), TEMPLATE);
        VideoReward.writeRandom(folder, device, WORDS, hash());
    }

    /** Of the template that {@link #make} writes. */
    static String hash() {
        return Sha256.of(TEMPLATE.replace("{text_prompt}", "PROMPT"));
    }

    static Speed run(Path folder, Device device, int width, int height, int videos)
            throws IOException {
        var chosen = RewardFrames.indices(LENGTH, FPS);
        long begin = System.nanoTime();
        try (var model = VideoReward.load(folder, device, hash())) {
            double loaded = (System.nanoTime() - begin) / 1e9;
            double best = Double.MAX_VALUE;
            List<Double> scores = List.of();
            for (int i = 0; i < videos; i++) {
                var frames = frames(chosen.length, width, height, i);
                long start = System.nanoTime();
                var judged = model.judge(frames, PROMPT);
                best = Math.min(best, (System.nanoTime() - start) / 1e9);
                if (i == 0) {
                    scores = List.of(judged.visual(), judged.motion(), judged.text());
                }
            }
            return new Speed(
                    "reelrank bench evaluate --reward DIR --device %s --size %dx%d --videos %d"
                            .formatted(device, width, height, videos),
                    Hardware.commit(),
                    Hardware.of(device.toString(), TorchRuntime.threads()),
                    width + "x" + height,
                    LENGTH,
                    loaded,
                    best,
                    parts(model, frames(chosen.length, width, height, 0)),
                    scores);
        }
    }

    private static VideoReward.Parts parts(VideoReward model, List<RgbImage> frames) {
        var all = new ArrayList<VideoReward.Parts>();
        for (int i = 0; i < TIMES; i++) {
            all.add(model.time(frames, PROMPT));
        }
        return new VideoReward.Parts(
                least(all, VideoReward.Parts::question),
                least(all, VideoReward.Parts::frames),
                least(all, VideoReward.Parts::vision),
                least(all, VideoReward.Parts::language));
    }

    private static double least(
            List<VideoReward.Parts> all, ToDoubleFunction<VideoReward.Parts> part) {
        return all.stream().mapToDouble(part).min().orElseThrow();
    }

    /** Smooth pictures that a script can make as well: waves in space and time. */
    private static List<RgbImage> frames(int count, int width, int height, int video) {
        var frames = new ArrayList<RgbImage>();
        var random = new Random(video);
        int shift = video == 0 ? 0 : random.nextInt(100);
        for (int f = 0; f < count; f++) {
            byte[] rgb = new byte[width * height * 3];
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    for (int c = 0; c < 3; c++) {
                        rgb[(y * width + x) * 3 + c] =
                                (byte) (x * (c + 1) / 8 + y / 4 + 9 * f + shift);
                    }
                }
            }
            frames.add(new RgbImage(width, height, rgb));
        }
        return frames;
    }
}
