package dev.reelrank.diffusion.lora;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.SafetensorsFile;
import org.jspecify.annotations.Nullable;

/**
 * The alpha that diffusers keeps in a LoRA file's header, {@code lora_adapter_metadata}: PEFT's
 * configuration with the network's name before each key. Read without it, a LoRA of rank 64 and
 * alpha 128 would act at half its strength.
 */
final class HeaderAlpha {
    private static final String METADATA = "lora_adapter_metadata";

    private HeaderAlpha() {}

    /**
     * @return null where the header says nothing: alpha is the rank then
     * @throws StageException MODEL_MISMATCH when the header is damaged, or gives single layers an
     *     alpha of their own
     */
    static @Nullable Double of(SafetensorsFile file) {
        String text = file.metadata().get(METADATA);
        if (text == null) {
            return null;
        }
        Double alpha = null;
        double rank = 0;
        boolean stabilised = false;
        for (var entry : parsed(file, text).properties()) {
            String key = entry.getKey().substring(entry.getKey().lastIndexOf('.') + 1);
            JsonNode value = entry.getValue();
            switch (key) {
                case "lora_alpha" -> alpha = value.asDouble();
                case "r" -> rank = value.asDouble();
                case "use_rslora" -> stabilised = value.asBoolean();
                case "alpha_pattern" -> {
                    if (!value.isEmpty()) {
                        throw broken(file, "gives single layers an alpha of their own");
                    }
                }
                default -> {}
            }
        }
        // A rank-stabilised LoRA's factor is alpha over the root of the rank.
        return alpha != null && stabilised ? Double.valueOf(alpha * Math.sqrt(rank)) : alpha;
    }

    private static JsonNode parsed(SafetensorsFile file, String text) {
        try {
            return new ObjectMapper().readTree(text);
        } catch (JsonProcessingException e) {
            throw broken(file, "is no JSON");
        }
    }

    private static StageException broken(SafetensorsFile file, String problem) {
        return new StageException(
                FailureCode.MODEL_MISMATCH,
                "the header %s of the LoRA %s %s".formatted(METADATA, file.path(), problem));
    }
}
