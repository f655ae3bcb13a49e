package dev.reelrank.diffusion;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

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
    private static final List<String> KEYS =
            List.of("width", "height", "frames", "fps", "steps", "guidance", "scheduler", "loras");

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
     * @param options what the model can do
     * @throws StageException MODEL_MISMATCH for a key that there is not, a value of the wrong kind,
     *     and one that the model cannot do
     */
    public static GenerationDefaults read(
            Path model, GenerationDefaults published, GeneratorOptions options) {
        Path path = model.resolve("generation_defaults.json");
        if (!Files.isRegularFile(path)) {
            return published;
        }
        var file = ConfigFile.read(path);
        Set<String> names = options.parameters().keySet();
        var known = new TreeSet<>(KEYS);
        known.addAll(names);
        file.requireOnly(known);
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
        var defaults =
                new GenerationDefaults(
                        (int) file.integer("width", published.width),
                        (int) file.integer("height", published.height),
                        (int) file.integer("frames", published.frames),
                        file.number("fps", published.fps),
                        (int) file.integer("steps", published.steps),
                        file.number("guidance", published.guidance),
                        scheduler == null ? published.scheduler : scheduler,
                        parameters,
                        loras);
        defaults.requirePossible(file, options);
        return defaults;
    }

    private void requirePossible(ConfigFile file, GeneratorOptions options) {
        if (fps < 1 || fps > 120) {
            throw file.wrong("fps", "from 1 to 120");
        }
        if (guidance < 0 || guidance > 30) {
            throw file.wrong("guidance", "from 0 to 30");
        }
        try {
            options.check(
                    new GenerationSettings(
                            width,
                            height,
                            frames,
                            fps,
                            steps,
                            guidance,
                            "",
                            scheduler,
                            parameters));
        } catch (StageException e) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH, file.path() + ": " + e.getMessage(), e);
        }
    }
}
