package dev.reelrank.trainer;

import dev.reelrank.pipeline.stage.LoadKey;
import dev.reelrank.qwen.QwenPrecision;
import java.nio.file.Path;

/**
 * The vision-language model that a judge is trained on.
 *
 * @param folder of the model
 * @param weights precision of the frozen weights
 */
record JudgeKey(Path folder, QwenPrecision weights) implements LoadKey {
    @Override
    public String precision() {
        return weights.id();
    }

    @Override
    public String toString() {
        return "%s in %s for training".formatted(folder, precision());
    }
}
