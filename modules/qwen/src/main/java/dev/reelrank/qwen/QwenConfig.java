package dev.reelrank.qwen;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What the model's own files say of its shape, its images and its stop tokens.
 *
 * @param imageToken id of the token that stands for one merged patch of an image
 * @param stopTokens ids that end an answer, from generation_config.json; empty if it names none
 */
public record QwenConfig(
        Vision vision,
        DecoderConfig text,
        Images images,
        Sampling sampling,
        int imageToken,
        List<Integer> stopTokens) {

    /**
     * The vision tower.
     *
     * @param positions entries of the learned position table, a square number
     * @param deepstack layers whose features go into the decoder's first layers
     */
    public record Vision(
            int depth,
            int hidden,
            int intermediate,
            int heads,
            int channels,
            int patch,
            int merge,
            int temporalPatch,
            int out,
            int positions,
            double ropeTheta,
            List<Integer> deepstack) {
        public Vision {
            deepstack = List.copyOf(deepstack);
        }

        /** Numbers that describe one patch. */
        int patchValues() {
            return channels * temporalPatch * patch * patch;
        }
    }

    /**
     * How pictures are prepared.
     *
     * @param minPixels of a resized picture
     * @param maxPixels of a resized picture
     * @param mean subtracted from each channel's 0..1 value
     * @param deviation divided by afterwards
     */
    public record Images(
            long minPixels, long maxPixels, List<Double> mean, List<Double> deviation) {
        public Images {
            mean = List.copyOf(mean);
            deviation = List.copyOf(deviation);
        }
    }

    /**
     * What is left of the distribution when the temperature is above 0.
     *
     * @param topK so many of the likeliest tokens
     * @param topP of these, as many as reach this probability, 0..1
     */
    public record Sampling(int topK, double topP) {}

    public QwenConfig {
        stopTokens = List.copyOf(stopTokens);
    }

    /**
     * Reads config.json, generation_config.json and preprocessor_config.json or
     * processor_config.json of a model folder.
     *
     * @throws StageException MODEL_MISSING when config.json is not there, MODEL_MISMATCH naming the
     *     file and the value when it describes another architecture
     */
    static QwenConfig read(Path folder) {
        var file = folder.resolve("config.json");
        if (!Files.isRegularFile(file)) {
            throw new StageException(
                    FailureCode.MODEL_MISSING,
                    "no config.json in " + folder + ": download the whole model into it");
        }
        var root = new ModelJson(file);
        root.requireText("model_type", "qwen3_vl");
        var vision = vision(root.child("vision_config"));
        var text = DecoderConfig.read(root.child("text_config"), root);
        check(root, vision, text);
        var generation = optional(folder.resolve("generation_config.json"));
        return new QwenConfig(
                vision,
                text,
                images(folder, vision),
                new Sampling(
                        generation.path("top_k").asInt(50), generation.path("top_p").asDouble(1)),
                root.integer("image_token_id"),
                ModelJson.integers(generation.path("eos_token_id")));
    }

    private static Vision vision(ModelJson json) {
        json.requireText("hidden_act", "gelu_pytorch_tanh");
        return new Vision(
                json.integer("depth"),
                json.integer("hidden_size"),
                json.integer("intermediate_size"),
                json.integer("num_heads"),
                json.integer("in_channels"),
                json.integer("patch_size"),
                json.integer("spatial_merge_size"),
                json.integer("temporal_patch_size"),
                json.integer("out_hidden_size"),
                json.integer("num_position_embeddings"),
                json.node().path("rope_parameters").path("rope_theta").asDouble(10000),
                ModelJson.integers(json.node().path("deepstack_visual_indexes")));
    }

    private static void check(ModelJson file, Vision vision, DecoderConfig text) {
        var side = (int) Math.rint(Math.sqrt(vision.positions()));
        file.require(
                side * side == vision.positions(),
                "num_position_embeddings " + vision.positions() + " is no square");
        file.require(vision.out() == text.hidden(), "out_hidden_size and hidden_size differ");
        file.require(
                vision.deepstack().size() <= text.layers(),
                "more deepstack_visual_indexes than layers");
    }

    private static Images images(Path folder, Vision vision) {
        var own = folder.resolve("preprocessor_config.json");
        var json =
                Files.isRegularFile(own)
                        ? optional(own)
                        : optional(folder.resolve("processor_config.json")).path("image_processor");
        requireSame(folder, json, "patch_size", vision.patch());
        requireSame(folder, json, "merge_size", vision.merge());
        requireSame(folder, json, "temporal_patch_size", vision.temporalPatch());
        var size = json.path("size");
        return new Images(
                size.path("shortest_edge").asLong(json.path("min_pixels").asLong(65_536)),
                size.path("longest_edge").asLong(json.path("max_pixels").asLong(16_777_216)),
                decimals(json.path("image_mean")),
                decimals(json.path("image_std")));
    }

    private static void requireSame(Path folder, JsonNode json, String key, int configured) {
        var said = json.path(key).asInt(configured);
        if (said != configured) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "%s: the image processor's %s is %d, config.json's is %d"
                            .formatted(folder, key, said, configured));
        }
    }

    private static JsonNode optional(Path file) {
        return Files.isRegularFile(file)
                ? new ModelJson(file).node()
                : com.fasterxml.jackson.databind.node.MissingNode.getInstance();
    }

    private static List<Double> decimals(JsonNode node) {
        var values = new ArrayList<Double>();
        node.forEach(item -> values.add(item.asDouble()));
        return values.size() == 3 ? values : List.of(0.5, 0.5, 0.5);
    }
}
