package dev.reelrank.diffusion;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What {@code auto} means for a model: {@code generation_defaults.json} beside its {@code
 * model_index.json}, or what suits the published weights.
 *
 * @param width pixels
 * @param height pixels
 * @param frames of the video
 * @param fps frames per second
 * @param steps of the scheduler
 * @param guidance 1 for none
 * @param scheduler one that the family has
 * @param parameters the family's own numbers, by name
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
        Map<String, Double> parameters,
        List<Lora> loras) {
    /** A LoRA by the name of its folder under the models root, or its path. */
    public record Lora(String name, double strength) {}

    public GenerationDefaults {
        parameters = Collections.unmodifiableMap(new TreeMap<>(parameters));
        loras = List.copyOf(loras);
    }

    /**
     * Reads the file of a model folder.
     *
     * @param published what stands where the file has no such key, or where there is no file
     * @param names the family's own parameters
     * @throws dev.reelrank.pipeline.StageException MODEL_MISMATCH for a value of the wrong kind
     */
    public static GenerationDefaults read(
            Path model, GenerationDefaults published, Set<String> names) {
        Path path = model.resolve("generation_defaults.json");
        if (!Files.isRegularFile(path)) {
            return published;
        }
        var file = ConfigFile.read(path);
        var parameters = new TreeMap<>(published.parameters);
        for (String name : names) {
            if (file.has(name)) {
                parameters.put(name, file.number(name, 0));
            }
        }
        var loras = new ArrayList<Lora>();
        for (var lora : file.children("loras")) {
            String name = lora.text("name");
            if (name == null) {
                throw lora.wrong("name", "the folder's name or path");
            }
            loras.add(new Lora(name, lora.number("strength", 1)));
        }
        String scheduler = file.text("scheduler");
        return new GenerationDefaults(
                (int) file.integer("width", published.width),
                (int) file.integer("height", published.height),
                (int) file.integer("frames", published.frames),
                file.number("fps", published.fps),
                (int) file.integer("steps", published.steps),
                file.number("guidance", published.guidance),
                scheduler == null ? published.scheduler : scheduler,
                parameters,
                loras);
    }
}
