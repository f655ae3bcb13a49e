package dev.reelrank.torch.train;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.util.Locale;

/**
 * The learning rate of each step: it rises in a line over the warm-up, then stays or falls to 0 by
 * half a cosine.
 *
 * @param base after the warm-up, above 0
 * @param shape after the warm-up
 * @param warmup steps of the rise, at least 0
 * @param steps of the whole training, at least 1
 */
public record LearningRate(double base, Shape shape, int warmup, int steps) {
    /** What follows the warm-up. */
    public enum Shape {
        CONSTANT,
        COSINE;

        /** {@code constant} or {@code cosine}. */
        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** Reads an {@link #id}. */
        public static Shape parse(String text) {
            for (var shape : values()) {
                if (shape.id().equals(text)) {
                    return shape;
                }
            }
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "unknown schedule: '" + text + "'; use constant or cosine");
        }
    }

    public LearningRate {
        if (!(base > 0) || Double.isInfinite(base)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG, "the learning rate must be above 0, was " + base);
        }
        if (steps < 1 || warmup < 0 || warmup > steps) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "the warm-up must lie between 0 and the training's steps, was %d of %d"
                            .formatted(warmup, steps));
        }
    }

    /**
     * The rate of a step, as transformers' {@code get_constant_schedule_with_warmup} and {@code
     * get_cosine_schedule_with_warmup} give it.
     *
     * @param step counted from 0
     */
    public double at(int step) {
        if (step < warmup) {
            return base * step / Math.max(1, warmup);
        }
        if (shape == Shape.CONSTANT) {
            return base;
        }
        double progress = (double) (step - warmup) / Math.max(1, steps - warmup);
        return base * Math.max(0, 0.5 * (1 + Math.cos(Math.PI * progress)));
    }
}
