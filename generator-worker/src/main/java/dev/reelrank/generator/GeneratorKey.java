package dev.reelrank.generator;

import dev.reelrank.diffusion.GeneratorModel;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.generators.ChosenModels;
import dev.reelrank.pipeline.stage.LoadKey;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Which weights the generator loads.
 *
 * @param model opened once, for all that is asked of this key; equal by its folder
 * @param weights precision of the weights
 * @param offload as configured, {@code auto} included: the device's memory decides that one
 * @param loras merged in this order
 */
record GeneratorKey(GeneratorModel model, Precision weights, String offload, List<LoraSpec> loras)
        implements LoadKey {
    GeneratorKey {
        loras = List.copyOf(loras);
    }

    @Override
    public String precision() {
        return weights.id();
    }

    @Override
    public String label() {
        return ChosenModels.name(model.folder());
    }

    @Override
    public Map<String, Path> chosen() {
        return ChosenModels.of(model, loras);
    }

    @Override
    public String toString() {
        return loras.stream()
                .map(lora -> " with %s at %s".formatted(lora.path(), lora.strength()))
                .collect(
                        Collectors.joining(
                                "",
                                "%s in %s".formatted(model.folder(), precision()),
                                ", offload " + offload));
    }
}
