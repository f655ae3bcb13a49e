package dev.reelrank.alignment.adapter;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/** PEFT's LoRA configuration as JSON: what {@code LoraConfig.to_dict} gives in Python. */
final class PeftConfig {
    private static final ObjectMapper JSON = new ObjectMapper();

    private PeftConfig() {}

    /**
     * @param baseClass the class of the base in Python, for example {@code WanTransformer3DModel};
     *     null to leave it open
     */
    static ObjectNode of(NetworkAdapter adapter, @Nullable String baseClass) {
        ObjectNode config = JSON.createObjectNode();
        config.putObject("alpha_pattern");
        if (baseClass == null) {
            config.putNull("auto_mapping");
        } else {
            config.putObject("auto_mapping")
                    .put("base_model_class", baseClass)
                    .put("parent_library", "diffusers");
        }
        config.putNull("base_model_name_or_path");
        config.put("bias", "none");
        config.put("fan_in_fan_out", false);
        config.put("inference_mode", true);
        config.put("init_lora_weights", true);
        config.putNull("layers_to_transform");
        number(config, "lora_alpha", adapter.alpha());
        config.put("lora_dropout", 0.0);
        config.putNull("modules_to_save");
        config.put("peft_type", "LORA");
        config.put("r", adapter.rank());
        config.putObject("rank_pattern");
        var targets = config.putArray("target_modules");
        adapter.layers().forEach(targets::add);
        config.putNull("task_type");
        config.put("use_dora", false);
        config.put("use_rslora", false);
        return config;
    }

    /** Whole numbers as such: PEFT writes and reads them so. */
    private static void number(ObjectNode config, String key, double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e9) {
            config.put(key, (int) value);
        } else {
            config.put(key, value);
        }
    }

    /** Rank and alpha of a configuration. */
    record Scale(int rank, double alpha) {}

    /**
     * Reads a configuration.
     *
     * @param where the file, for messages
     * @throws dev.reelrank.pipeline.StageException MODEL_MISMATCH for what is no plain LoRA
     */
    static Scale read(JsonNode config, Object where) {
        String kind = config.path("peft_type").asText("LORA");
        if (!kind.equals("LORA")) {
            throw NetworkAdapter.mismatch(where, "is a " + kind + "; only LORA is supported");
        }
        refuseUnless(!config.path("use_dora").asBoolean(false), where, "use_dora");
        refuseUnless(config.path("bias").asText("none").equals("none"), where, "bias");
        refuseUnless(isEmpty(config.path("modules_to_save")), where, "modules_to_save");
        refuseUnless(isEmpty(config.path("rank_pattern")), where, "rank_pattern");
        refuseUnless(isEmpty(config.path("alpha_pattern")), where, "alpha_pattern");
        int rank = config.path("r").asInt(0);
        double alpha = config.path("lora_alpha").asDouble(0);
        if (rank < 1 || !(alpha > 0)) {
            throw NetworkAdapter.mismatch(
                    where, "has the rank %d and the alpha %s".formatted(rank, alpha));
        }
        boolean stabilised = config.path("use_rslora").asBoolean(false);
        // Its factor is alpha over the root of the rank.
        return new Scale(rank, stabilised ? alpha * Math.sqrt(rank) : alpha);
    }

    private static boolean isEmpty(JsonNode node) {
        return node.isMissingNode() || node.isNull() || node.isEmpty();
    }

    private static void refuseUnless(boolean plain, Object where, String key) {
        if (!plain) {
            throw NetworkAdapter.mismatch(
                    where, "uses " + key + ", which is not supported: train a plain LoRA");
        }
    }
}
