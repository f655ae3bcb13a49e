package dev.reelrank.qwen;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What VideoReward's files say.
 *
 * @param vision the tower
 * @param text the decoder, with the vocabulary of the base model
 * @param alpha of the LoRAs
 * @param scales of visual quality, motion quality and text alignment
 */
record RewardConfig(QwenConfig.Vision vision, DecoderConfig text, double alpha, Scale[] scales) {
    /** The names of the three rewards, in the order in which they stand in the template. */
    static final String[] NAMES = {"VQ", "MQ", "TA"};

    /**
     * How a reward is normalised: {@code (x − mean) / deviation}.
     *
     * @param mean of the training
     * @param deviation above 0
     */
    record Scale(double mean, double deviation) {
        double of(double x) {
            return (x - mean) / deviation;
        }
    }

    /**
     * Reads config.json (that of Qwen2-VL) and model_config.json (that of VideoReward).
     *
     * @throws StageException MODEL_MISSING or MODEL_MISMATCH naming the file and the value
     */
    static RewardConfig read(Path folder) {
        var base = new ModelJson(present(folder.resolve("config.json")));
        base.requireText("model_type", "qwen2_vl");
        var nested = base.section("text_config").node().isObject();
        var text = nested ? base.child("text_config") : base;
        var own = new ModelJson(present(folder.resolve("model_config.json")));
        var inference = own.child("inference_config");
        var scales = new Scale[NAMES.length];
        for (int i = 0; i < scales.length; i++) {
            double deviation = inference.number(NAMES[i] + "_std", Double.NaN);
            inference.require(deviation > 0, NAMES[i] + "_std has to be above 0");
            double mean = inference.number(NAMES[i] + "_mean", Double.NaN);
            inference.require(!Double.isNaN(mean), NAMES[i] + "_mean is missing");
            scales[i] = new Scale(mean, deviation);
        }
        return new RewardConfig(
                vision(base.child("vision_config")),
                DecoderConfig.read(text, base),
                own.section("peft_lora_config").number("lora_alpha", 128),
                scales);
    }

    private static Path present(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new StageException(
                    FailureCode.MODEL_MISSING,
                    "there is no %s; docs/evaluation.md lists the files of VideoReward"
                            .formatted(file));
        }
        return file;
    }

    /** Width and MLP have other names than in Qwen3; the position table is one entry, unused. */
    private static QwenConfig.Vision vision(ModelJson json) {
        json.requireText("hidden_act", "quick_gelu");
        int width = json.positive("embed_dim");
        return new QwenConfig.Vision(
                json.positive("depth"),
                width,
                (int) Math.round(width * json.number("mlp_ratio", 4)),
                json.positive("num_heads"),
                json.integer("in_channels", 3),
                json.positive("patch_size"),
                json.positive("spatial_merge_size"),
                json.positive("temporal_patch_size"),
                json.positive("hidden_size"),
                1,
                10000,
                java.util.List.of());
    }
}
