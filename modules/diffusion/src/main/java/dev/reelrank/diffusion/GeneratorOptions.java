package dev.reelrank.diffusion;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.CandidateConfig;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a configuration may ask of a model. A configuration itself checks only what holds for every
 * generator.
 *
 * @param model names the model in errors
 * @param frames which numbers of frames it can make
 * @param sizes which widths and heights it can make
 * @param schedulers by name, at least one
 * @param precisions that it computes in
 * @param parameters its family's own numbers, by name
 * @param image whether it takes an image
 */
public record GeneratorOptions(
        String model,
        FrameRule frames,
        SizeLimits sizes,
        List<String> schedulers,
        List<Precision> precisions,
        Map<String, ParameterRange> parameters,
        ImageInput image) {
    /**
     * Without limits of the size.
     *
     * @param sizeMultiple pixels that both sides must be divisible by
     */
    public GeneratorOptions(
            String model,
            FrameRule frames,
            int sizeMultiple,
            List<String> schedulers,
            List<Precision> precisions,
            Map<String, ParameterRange> parameters,
            ImageInput image) {
        this(
                model,
                frames,
                SizeLimits.multiplesOf(sizeMultiple),
                schedulers,
                precisions,
                parameters,
                image);
    }

    public GeneratorOptions {
        schedulers = List.copyOf(schedulers);
        precisions = List.copyOf(precisions);
        parameters = Collections.unmodifiableMap(new TreeMap<>(parameters));
    }

    /** Pixels that both sides must be divisible by. */
    public int sizeMultiple() {
        return sizes.multiple();
    }

    /**
     * Checks what is set in a configuration.
     *
     * @throws StageException INVALID_CONFIG naming the key, its value and what this model can do
     */
    public void check(CandidateConfig config) {
        if (config.width() != null && config.height() != null) {
            size("candidate.", config.width(), config.height());
        }
        if (config.frames() != null) {
            frames("candidate.", config.frames());
        }
        if (config.scheduler() != null) {
            scheduler("candidate.", config.scheduler());
        }
        if (!config.precision().equals("auto")
                && precisions.stream().noneMatch(p -> p.id().equals(config.precision()))) {
            throw cannot(
                    "candidate.precision",
                    config.precision(),
                    "auto or one of " + precisions.stream().map(Precision::id).toList());
        }
        config.familyParameters()
                .forEach(
                        (name, value) ->
                                parameter(
                                        config.parameters().containsKey(name)
                                                ? "candidate.parameters."
                                                : "candidate.",
                                        name,
                                        value));
    }

    /** Checks settings that were made elsewhere than from a configuration. */
    public void check(GenerationSettings settings) {
        size("", settings.width(), settings.height());
        frames("", settings.frames());
        scheduler("", settings.scheduler());
        if (settings.steps() < 1) {
            throw cannot("steps", settings.steps(), "at least 1");
        }
        settings.parameters().forEach((name, value) -> parameter("", name, value));
    }

    /**
     * Checks whether there is an image where one is needed.
     *
     * @throws StageException INVALID_CONFIG
     */
    public void checkImage(boolean given) {
        if (image == ImageInput.REQUIRED && !given) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    model + " makes videos from images: give it an image");
        }
        if (image == ImageInput.NONE && given) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    model + " makes videos from text alone: leave out the image");
        }
    }

    /**
     * A sample's image as this model takes it: null where it makes videos from text alone. Samples
     * of a run have images for any model.
     */
    public <T> @Nullable T seen(@Nullable T given) {
        return image == ImageInput.NONE ? null : given;
    }

    private void size(String prefix, int width, int height) {
        if (!sizes.allows(width, height)) {
            throw cannot(prefix + "size", width + "x" + height, sizes);
        }
    }

    private void frames(String prefix, int number) {
        if (!frames.allows(number)) {
            throw cannot(prefix + "frames", number, frames);
        }
    }

    private void scheduler(String prefix, String name) {
        if (!schedulers.contains(name)) {
            throw cannot(prefix + "scheduler", name, String.join(" or ", schedulers));
        }
    }

    private void parameter(String prefix, String name, double value) {
        @Nullable ParameterRange range = parameters.get(name);
        if (range == null) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "%s%s is %s, but %s has no such parameter; it has %s"
                            .formatted(prefix, name, value, model, parameters.keySet()));
        }
        if (!range.allows(value)) {
            throw cannot(prefix + name, value, range.rule());
        }
    }

    private StageException cannot(String key, Object value, Object rule) {
        return new StageException(
                FailureCode.INVALID_CONFIG,
                "%s is '%s'; for %s it must be %s".formatted(key, value, model, rule));
    }
}
