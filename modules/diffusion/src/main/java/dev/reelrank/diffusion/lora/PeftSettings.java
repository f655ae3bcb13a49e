package dev.reelrank.diffusion.lora;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * What PEFT's configuration says of a LoRA's scale, which its tensors do not: alpha for each
 * module, and whether the scale is alpha over the rank or over the rank's root.
 *
 * <p>diffusers writes it to the metadata of the file ({@code lora_adapter_metadata}, each key with
 * its component in front), PEFT to {@code adapter_config.json} beside it.
 */
final class PeftSettings {
    private static final String METADATA = "lora_adapter_metadata";
    private static final String BESIDE = "adapter_config.json";

    /** Ways to change a layer that are no plain LoRA. */
    private static final List<String> OTHER_METHODS =
            List.of("use_dora", "use_qalora", "use_bdlora", "fan_in_fan_out");

    private final String location;
    private final JsonNode json;

    private PeftSettings(String location, JsonNode json) {
        this.location = location;
        this.json = json;
    }

    /** What there is for a file: its metadata, or the configuration beside a file of PEFT's. */
    static Optional<PeftSettings> of(SafetensorsFile file) {
        String metadata = file.metadata().get(METADATA);
        if (metadata != null) {
            return Optional.of(
                    read("the metadata " + METADATA + " of the LoRA " + file.path(), metadata));
        }
        Path beside = file.path().resolveSibling(BESIDE);
        boolean peft =
                file.path().getFileName().toString().startsWith("adapter_model")
                        || file.names().stream().anyMatch(k -> k.startsWith("base_model."));
        if (!peft || !Files.isRegularFile(beside)) {
            return Optional.empty();
        }
        try {
            return Optional.of(read(beside.toString(), Files.readString(beside)));
        } catch (IOException e) {
            throw new StageException(FailureCode.MODEL_MISSING, "cannot read " + beside, e);
        }
    }

    private static PeftSettings read(String location, String text) {
        try {
            JsonNode json = new ObjectMapper().readTree(text);
            if (!json.isObject()) {
                throw new StageException(
                        FailureCode.MODEL_MISMATCH, location + " is no JSON object");
            }
            return new PeftSettings(location, json);
        } catch (JsonProcessingException e) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH, location + " is no readable JSON", e);
        }
    }

    /**
     * The factor of a module's product.
     *
     * @param component that the keys begin with; null for none
     * @param module the module's name in the file, without any prefix
     * @param rank of its tensors
     * @return empty if nothing is said of this component
     */
    Optional<Double> scale(@Nullable String component, String module, long rank) {
        String prefix = component == null ? "" : component + ".";
        if (!json.has(prefix + "lora_alpha")) {
            return Optional.empty();
        }
        for (String method : OTHER_METHODS) {
            if (json.path(prefix + method).asBoolean(false)) {
                throw new StageException(
                        FailureCode.MODEL_MISMATCH,
                        "%s says %s, which is no plain LoRA: merge it with PEFT first"
                                .formatted(location, prefix + method));
            }
        }
        double alpha = number(prefix + "lora_alpha", json.path(prefix + "lora_alpha"));
        JsonNode patterns = json.path(prefix + "alpha_pattern");
        if (!patterns.isMissingNode() && !patterns.isNull() && !patterns.isObject()) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "%s: %salpha_pattern must be an object, is %s"
                            .formatted(location, prefix, patterns));
        }
        for (var entry : patterns.properties()) {
            if (matches(entry.getKey(), module)) {
                alpha = number(prefix + "alpha_pattern." + entry.getKey(), entry.getValue());
                break;
            }
        }
        boolean root = json.path(prefix + "use_rslora").asBoolean(false);
        return Optional.of(alpha / (root ? Math.sqrt((double) rank) : (double) rank));
    }

    /** As PEFT's get_pattern_key: the pattern is a regular expression for the end of the name. */
    private boolean matches(String pattern, String module) {
        try {
            return Pattern.compile("(?:.*\\.)?(?:" + pattern + ")").matcher(module).matches();
        } catch (PatternSyntaxException e) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    location + " has the pattern '" + pattern + "', which is no expression",
                    e);
        }
    }

    private double number(String key, JsonNode value) {
        if (!value.isNumber() || !Double.isFinite(value.asDouble())) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "%s: %s must be a finite number, is %s".formatted(location, key, value));
        }
        return value.asDouble();
    }
}
