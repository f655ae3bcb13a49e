package dev.reelrank.generator;

import dev.reelrank.diffusion.GeneratorModel;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.pipeline.stage.LoadKey;
import java.nio.file.Path;
import java.util.List;
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

    /** The folder's name, or that of the repository in a hub cache. */
    @Override
    public String label() {
        Path named = model.folder().toAbsolutePath();
        Path parent = named.getParent();
        Path repository = parent == null ? null : parent.getParent();
        if (parent != null && repository != null && parent.endsWith("snapshots")) {
            named = repository;
        }
        return String.valueOf(named.getFileName());
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
