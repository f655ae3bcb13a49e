package dev.reelrank.qwen;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What the model's own files say of its shape, its images and its stop tokens.
 *
 * @param imageToken id of the token that stands for one merged patch of an image
 * @param tiedHead the output head is the embedding table
 * @param stopTokens ids that end an answer, from generation_config.json; empty if it names none
 */
record QwenConfig(
        Vision vision,
        Text text,
        Images images,
        Sampling sampling,
        int imageToken,
        boolean tiedHead,
        List<Integer> stopTokens) {

    /**
     * The vision tower.
     *
     * @param positions entries of the learned position table, a square number
     * @param deepstack layers whose features go into the decoder's first layers
     */
    record Vision(
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
        Vision {
            deepstack = List.copyOf(deepstack);
        }

        /** Numbers that describe one patch. */
        int patchValues() {
            return channels * temporalPatch * patch * patch;
        }
    }

    /**
     * The decoder.
     *
     * @param mropeSections rotary frequencies for time, height and width; their sum is headDim / 2
     */
    record Text(
            int vocabulary,
            int hidden,
            int intermediate,
            int layers,
            int heads,
            int keyValueHeads,
            int headDim,
            double normEpsilon,
            double ropeTheta,
            List<Integer> mropeSections,
            boolean attentionBias,
            int maxPositions) {
        Text {
            mropeSections = List.copyOf(mropeSections);
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
    record Images(long minPixels, long maxPixels, List<Double> mean, List<Double> deviation) {
        Images {
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
    record Sampling(int topK, double topP) {}

    QwenConfig {
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
        var root = new Json(file);
        root.requireText("model_type", "qwen3_vl");
        var vision = vision(root.child("vision_config"));
        var text = text(root.child("text_config"));
        check(file, vision, text);
        var generation = optional(folder.resolve("generation_config.json"));
        return new QwenConfig(
                vision,
                text,
                images(folder, vision),
                new Sampling(
                        generation.path("top_k").asInt(50), generation.path("top_p").asDouble(1)),
                root.integer("image_token_id"),
                root.node().path("tie_word_embeddings").asBoolean(false)
                        || root.child("text_config")
                                .node()
                                .path("tie_word_embeddings")
                                .asBoolean(false),
                integers(generation.path("eos_token_id")));
    }

    private static Vision vision(Json json) {
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
                integers(json.node().path("deepstack_visual_indexes")));
    }

    private static Text text(Json json) {
        json.requireText("hidden_act", "silu");
        // Older files call it rope_scaling and keep the base beside it.
        var rope =
                json.node().has("rope_parameters")
                        ? json.node().path("rope_parameters")
                        : json.node().path("rope_scaling");
        var kind = rope.path("rope_type").asText("default");
        if (!kind.equals("default")) {
            throw json.mismatch("rope_type", kind, "default");
        }
        var theta =
                rope.has("rope_theta")
                        ? rope.path("rope_theta").asDouble()
                        : json.node().path("rope_theta").asDouble(5e6);
        var heads = json.integer("num_attention_heads");
        var hidden = json.integer("hidden_size");
        var sections = integers(rope.path("mrope_section"));
        return new Text(
                json.integer("vocab_size"),
                hidden,
                json.integer("intermediate_size"),
                json.integer("num_hidden_layers"),
                heads,
                json.node().path("num_key_value_heads").asInt(heads),
                json.node().path("head_dim").asInt(hidden / heads),
                json.node().path("rms_norm_eps").asDouble(1e-6),
                theta,
                sections.isEmpty() ? List.of(24, 20, 20) : sections,
                json.node().path("attention_bias").asBoolean(false),
                json.node().path("max_position_embeddings").asInt(262144));
    }

    private static void check(Path file, Vision vision, Text text) {
        var side = (int) Math.rint(Math.sqrt(vision.positions()));
        var sum = text.mropeSections().stream().mapToInt(Integer::intValue).sum();
        require(
                file,
                side * side == vision.positions(),
                "num_position_embeddings " + vision.positions() + " is no square");
        require(file, vision.out() == text.hidden(), "out_hidden_size and hidden_size differ");
        require(
                file,
                text.mropeSections().size() == 3 && 2 * sum == text.headDim(),
                "mrope_section must be three counts with the sum head_dim / 2");
        require(
                file,
                text.heads() % text.keyValueHeads() == 0,
                "num_attention_heads is no multiple of num_key_value_heads");
        require(
                file,
                vision.deepstack().size() <= text.layers(),
                "more deepstack_visual_indexes than layers");
    }

    private static void require(Path file, boolean holds, String problem) {
        if (!holds) {
            throw new StageException(FailureCode.MODEL_MISMATCH, file + ": " + problem);
        }
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
                ? new Json(file).node()
                : com.fasterxml.jackson.databind.node.MissingNode.getInstance();
    }

    private static List<Integer> integers(JsonNode node) {
        var values = new ArrayList<Integer>();
        if (node.isInt()) {
            values.add(node.asInt());
        }
        node.forEach(item -> values.add(item.asInt()));
        return values;
    }

    private static List<Double> decimals(JsonNode node) {
        var values = new ArrayList<Double>();
        node.forEach(item -> values.add(item.asDouble()));
        return values.size() == 3 ? values : List.of(0.5, 0.5, 0.5);
    }

    /** A JSON object with its file, so that every complaint names both. */
    private record Json(Path file, JsonNode node) {
        Json(Path file) {
            this(file, parse(file));
        }

        private static JsonNode parse(Path file) {
            try {
                return new ObjectMapper().readTree(file.toFile());
            } catch (IOException e) {
                throw new StageException(
                        FailureCode.MODEL_MISMATCH, file + " cannot be read as JSON", e);
            }
        }

        Json child(String key) {
            if (!node.path(key).isObject()) {
                throw new StageException(FailureCode.MODEL_MISMATCH, file + " has no " + key);
            }
            return new Json(file, node.path(key));
        }

        int integer(String key) {
            if (!node.path(key).isInt()) {
                throw new StageException(
                        FailureCode.MODEL_MISMATCH, file + " has no whole number " + key);
            }
            return node.path(key).asInt();
        }

        void requireText(String key, String only) {
            var value = node.path(key).asText(only);
            if (!value.equals(only)) {
                throw mismatch(key, value, only);
            }
        }

        StageException mismatch(String key, String value, String only) {
            return new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "%s: %s is '%s', but only '%s' is supported".formatted(file, key, value, only));
        }
    }
}
