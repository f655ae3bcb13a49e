package dev.reelrank.qwen;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

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
     * @param topK number of most likely tokens to choose from
     * @param topP of these, as many as reach this probability, 0..1
     */
    public record Sampling(int topK, double topP) {}

    /** A picture below the least is enlarged to it; 256 times the published value. */
    private static final int MOST_LEAST_PIXELS = 1 << 24;

    /** Image processor settings that are computed one way only; 3 is Pillow's bicubic. */
    private static final Map<String, Object> NEUTRAL_PICTURES =
            Map.of(
                    "resample", 3,
                    "do_resize", true,
                    "do_rescale", true,
                    "do_normalize", true,
                    "do_convert_rgb", true,
                    "rescale_factor", 1 / 255.0);

    /** What transformers' generate would apply, and decoding here does not. */
    private static final Map<String, Object> NEUTRAL_DECODING =
            Map.of(
                    "repetition_penalty", 1,
                    "encoder_repetition_penalty", 1,
                    "no_repeat_ngram_size", 0,
                    "num_beams", 1,
                    "min_length", 0,
                    "min_new_tokens", 0,
                    "min_p", 0,
                    "typical_p", 1,
                    "epsilon_cutoff", 0,
                    "eta_cutoff", 0);

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
        var generationFile =
                new ModelJson(folder.resolve("generation_config.json"), generation(folder));
        NEUTRAL_DECODING.forEach(generationFile::requireNeutral);
        return new QwenConfig(
                vision,
                text,
                images(folder, vision),
                new Sampling(
                        generationFile.integer("top_k", 50), generationFile.number("top_p", 1)),
                root.integer("image_token_id"),
                generationFile.integers("eos_token_id"));
    }

    private static JsonNode generation(Path folder) {
        return optional(folder.resolve("generation_config.json"));
    }

    private static Vision vision(ModelJson json) {
        json.requireText("hidden_act", "gelu_pytorch_tanh");
        return new Vision(
                json.positive("depth"),
                json.positive("hidden_size"),
                json.positive("intermediate_size"),
                json.positive("num_heads"),
                json.positive("in_channels"),
                json.positive("patch_size"),
                json.positive("spatial_merge_size"),
                json.positive("temporal_patch_size"),
                json.positive("out_hidden_size"),
                json.positive("num_position_embeddings"),
                json.section("rope_parameters").number("rope_theta", 10000),
                json.integers("deepstack_visual_indexes"));
    }

    private static void check(ModelJson file, Vision vision, DecoderConfig text) {
        var side = (int) Math.rint(Math.sqrt(vision.positions()));
        file.require(
                side * side == vision.positions(),
                "num_position_embeddings " + vision.positions() + " is no square");
        file.require(vision.out() == text.hidden(), "out_hidden_size and hidden_size differ");
        file.require(
                vision.hidden() % vision.heads() == 0 && vision.hidden() / vision.heads() % 4 == 0,
                "the vision tower's hidden_size %d shared by num_heads %d is no multiple of 4, which rotation in two dimensions needs"
                        .formatted(vision.hidden(), vision.heads()));
        file.require(vision.channels() == 3, "in_channels is not 3, pictures are RGB");
        file.require(
                vision.deepstack().size() <= text.layers(),
                "more deepstack_visual_indexes than layers");
        file.require(
                vision.deepstack().stream().allMatch(i -> i >= 0 && i < vision.depth())
                        && vision.deepstack().stream().distinct().count()
                                == vision.deepstack().size(),
                "deepstack_visual_indexes %s have to be different layers of the vision tower, 0 to %d"
                        .formatted(vision.deepstack(), vision.depth() - 1));
    }

    private static Images images(Path folder, Vision vision) {
        var own = folder.resolve("preprocessor_config.json");
        boolean isOwn = Files.isRegularFile(own);
        var file = isOwn ? own : folder.resolve("processor_config.json");
        var whole = new ModelJson(file, optional(file));
        var checked = isOwn ? whole : whole.section("image_processor");
        NEUTRAL_PICTURES.forEach(checked::requireNeutral);
        requireSame(folder, checked, "patch_size", vision.patch());
        requireSame(folder, checked, "merge_size", vision.merge());
        requireSame(folder, checked, "temporal_patch_size", vision.temporalPatch());
        var size = checked.section("size");
        int least = size.integer("shortest_edge", checked.integer("min_pixels", 65_536));
        int most = size.integer("longest_edge", checked.integer("max_pixels", 16_777_216));
        checked.require(
                least > 0 && least <= most && least <= MOST_LEAST_PIXELS,
                "pictures of %d to %d pixels: the first has to be from 1 to %d, and no larger than the second"
                        .formatted(least, most, MOST_LEAST_PIXELS));
        var deviation = orHalves(checked.numbers("image_std", 3));
        checked.require(
                deviation.stream().allMatch(value -> value > 0), "image_std has to be above 0");
        return new Images(least, most, orHalves(checked.numbers("image_mean", 3)), deviation);
    }

    private static void requireSame(Path folder, ModelJson json, String key, int configured) {
        var said = json.integer(key, configured);
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

    private static List<Double> orHalves(List<Double> values) {
        return values.isEmpty() ? List.of(0.5, 0.5, 0.5) : values;
    }
}
