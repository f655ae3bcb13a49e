package dev.reelrank.diffusion;

import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.config.CandidateConfig;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How a video is generated, with nothing left open.
 *
 * @param width pixels
 * @param height pixels
 * @param frames of the video
 * @param fps frames per second of the video
 * @param steps at least 1
 * @param guidance above 1 the negative prompt acts, at twice the cost; 1 for none
 * @param negativePrompt may be empty
 * @param scheduler one that the model has
 * @param parameters the family's own numbers, each set, by name
 */
public record GenerationSettings(
        int width,
        int height,
        int frames,
        double fps,
        int steps,
        double guidance,
        String negativePrompt,
        String scheduler,
        Map<String, Double> parameters) {
    public GenerationSettings {
        parameters = Collections.unmodifiableMap(new TreeMap<>(parameters));
    }

    /**
     * Fills in what a configuration leaves to the model.
     *
     * @param sizeMultiple what both sides must be divisible by
     * @param image decides the aspect where the size is auto; null for the default size
     */
    public static GenerationSettings of(
            CandidateConfig config,
            GenerationDefaults defaults,
            int sizeMultiple,
            @Nullable RgbImage image) {
        var size = size(config, defaults, sizeMultiple, image);
        var parameters = new TreeMap<>(defaults.parameters());
        parameters.putAll(config.familyParameters());
        return new GenerationSettings(
                size.width(),
                size.height(),
                or(config.frames(), defaults.frames()),
                or(config.fps(), defaults.fps()),
                or(config.steps(), defaults.steps()),
                or(config.guidance(), defaults.guidance()),
                config.negativePrompt(),
                or(config.scheduler(), defaults.scheduler()),
                parameters);
    }

    private static SizeRule.Size size(
            CandidateConfig config,
            GenerationDefaults defaults,
            int multiple,
            @Nullable RgbImage image) {
        if (config.width() != null && config.height() != null) {
            return new SizeRule.Size(config.width(), config.height());
        }
        if (image == null) {
            return new SizeRule.Size(defaults.width(), defaults.height());
        }
        var rule = config.sizeRule().equals("area") ? SizeRule.AREA : SizeRule.SHORT_SIDE;
        return rule.of(image, defaults.width(), defaults.height(), multiple);
    }

    private static <T> T or(@Nullable T value, T otherwise) {
        return Objects.requireNonNullElse(value, otherwise);
    }

    /** The same with one more number of the family's own, or another one. */
    public GenerationSettings with(String name, double value) {
        var more = new TreeMap<>(parameters);
        more.put(name, value);
        return new GenerationSettings(
                width, height, frames, fps, steps, guidance, negativePrompt, scheduler, more);
    }

    /** A number of the family's own. */
    public double parameter(String name) {
        Double value = parameters.get(name);
        if (value == null) {
            throw new IllegalArgumentException("no parameter " + name + " among " + parameters);
        }
        return value;
    }
}
