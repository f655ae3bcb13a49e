package dev.reelrank.wan;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code auto} means for a model: {@code generation_defaults.json} beside its {@code
 * model_index.json}, or what suits the published weights with the Lightning LoRAs.
 *
 * @param width pixels
 * @param height pixels
 * @param frames 4k+1
 * @param fps frames a second
 * @param steps of the scheduler
 * @param guidance 1 for none
 * @param scheduler euler or unipc
 * @param shift of the noise levels
 * @param boundary above it the high-noise expert works; null: as model_index.json says
 * @param loras that belong to these weights: name or path, and strength
 */
public record GenerationDefaults(
        int width,
        int height,
        int frames,
        double fps,
        int steps,
        double guidance,
        String scheduler,
        double shift,
        @Nullable Double boundary,
        List<Lora> loras) {
    /** A LoRA by the name of its folder under the models root, or its path. */
    public record Lora(String name, double strength) {}

    /** 1280x720, 81 frames at 16 a second, 8 Euler steps at shift 5 without guidance. */
    public static final GenerationDefaults PUBLISHED =
            new GenerationDefaults(1280, 720, 81, 16, 8, 1, "euler", 5, null, List.of());

    public GenerationDefaults {
        loras = List.copyOf(loras);
    }

    /** Reads the file of a model folder; keys it lacks are as for the published weights. */
    public static GenerationDefaults read(Path model) {
        Path path = model.resolve("generation_defaults.json");
        if (!Files.isRegularFile(path)) {
            return PUBLISHED;
        }
        JsonNode json;
        try {
            json = new ObjectMapper().readTree(path.toFile());
        } catch (IOException e) {
            throw new StageException(FailureCode.MODEL_MISMATCH, path + " is no readable JSON", e);
        }
        var loras = new ArrayList<Lora>();
        json.path("loras")
                .forEach(
                        lora ->
                                loras.add(
                                        new Lora(
                                                lora.path("name").asText(),
                                                lora.path("strength").asDouble(1))));
        var p = PUBLISHED;
        return new GenerationDefaults(
                json.path("width").asInt(p.width),
                json.path("height").asInt(p.height),
                json.path("frames").asInt(p.frames),
                json.path("fps").asDouble(p.fps),
                json.path("steps").asInt(p.steps),
                json.path("guidance").asDouble(p.guidance),
                json.path("scheduler").asText(p.scheduler),
                json.path("shift").asDouble(p.shift),
                json.hasNonNull("boundary") ? json.path("boundary").asDouble() : null,
                loras);
    }
}
