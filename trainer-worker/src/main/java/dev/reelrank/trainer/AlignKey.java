package dev.reelrank.trainer;

import dev.reelrank.diffusion.GeneratorModel;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.generators.ChosenModels;
import dev.reelrank.pipeline.stage.LoadKey;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Which weights a training is about.
 *
 * @param model equal by its folder
 * @param weights precision of the frozen weights
 * @param merged LoRAs that count among them
 */
record AlignKey(GeneratorModel model, Precision weights, List<LoraSpec> merged) implements LoadKey {
    AlignKey {
        merged = List.copyOf(merged);
    }

    @Override
    public String precision() {
        return weights.id();
    }

    @Override
    public Map<String, Path> chosen() {
        return ChosenModels.of(model, merged);
    }

    @Override
    public String toString() {
        return "%s in %s with %s for training".formatted(model.folder(), precision(), merged);
    }
}
