package dev.reelrank.generator;

import dev.reelrank.diffusion.GeneratorModel;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.generators.GeneratorFamilies;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.worker.models.ModelFolders;
import dev.reelrank.worker.models.ModelName;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The weights that a configuration needs, and their location. */
final class GeneratorModels {
    private final GeneratorFamilies families;
    private final ModelFolders folders;
    private final Device device;

    /**
     * @param device what {@code auto} precision is meant for
     */
    GeneratorModels(GeneratorFamilies families, ModelFolders folders, Device device) {
        this.families = families;
        this.folders = folders;
        this.device = device;
    }

    /** The model that a configuration names, opened. */
    GeneratorModel model(CandidateConfig config) {
        return families.open(
                config.model() == null
                        ? folders.folder(ModelName.WAN)
                        : folders.generator(config.model()));
    }

    GeneratorKey key(CandidateConfig config) {
        var model = model(config);
        model.options().check(config);
        return new GeneratorKey(model, precision(config), config.offload(), loras(config, model));
    }

    Precision precision(CandidateConfig config) {
        return Precision.parse(config.precision(), device);
    }

    /** The LoRAs of a configuration, or those that belong to the model. */
    private List<LoraSpec> loras(CandidateConfig config, GeneratorModel model) {
        return config.loras() == null
                ? model.defaults().loras().stream()
                        .map(lora -> new LoraSpec(path(lora.name()), lora.strength()))
                        .toList()
                : config.loras().stream()
                        .map(lora -> new LoraSpec(path(lora.name()), lora.strength()))
                        .toList();
    }

    private Path path(String name) {
        return name.equals(ModelName.LIGHTNING.id())
                ? folders.folder(ModelName.LIGHTNING)
                : folders.root().resolve(name);
    }

    /** Everything that decides what comes out, by names that do not depend on where it lies. */
    static Map<String, Path> files(GeneratorKey key) {
        var files = new LinkedHashMap<String, Path>();
        var model = key.model();
        model.files().forEach((name, path) -> files.put(model.family() + "/" + name, path));
        int index = 0;
        for (var lora : key.loras()) {
            String name = "lora/%d@%s".formatted(index++, lora.strength());
            model.loraFiles(lora).forEach((part, path) -> files.put(name + "/" + part, path));
        }
        return files;
    }
}
