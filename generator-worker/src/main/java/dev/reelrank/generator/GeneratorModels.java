package dev.reelrank.generator;

import dev.reelrank.diffusion.GeneratorModel;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.generators.GeneratorFamilies;
import dev.reelrank.generators.LoraPaths;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.stage.GeneratorUse;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.worker.models.FileFingerprints;
import dev.reelrank.worker.models.ModelFolders;
import dev.reelrank.worker.models.ModelName;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** The weights that a configuration needs, and their location. */
final class GeneratorModels implements AutoCloseable {
    private final GeneratorFamilies families;
    private final ModelFolders folders;
    private final FileFingerprints fingerprints;
    private final LoraPaths paths;
    private final Device device;

    /**
     * @param store holds the files of adapters; asked when a configuration names one
     * @param device what {@code auto} precision is meant for
     */
    GeneratorModels(
            GeneratorFamilies families,
            ModelFolders folders,
            FileFingerprints fingerprints,
            Supplier<ResultStore> store,
            Device device) {
        this.families = families;
        this.folders = folders;
        this.fingerprints = fingerprints;
        this.paths = new LoraPaths(name -> path(folders, name), store);
        this.device = device;
    }

    /** The model that a configuration names, opened. */
    GeneratorModel model(CandidateConfig config) {
        return families.open(
                config.model() == null ? folders.generator() : folders.generator(config.model()));
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
        return paths.of(config.loras(), model, () -> base(model));
    }

    /** The fingerprint of the model's own files. */
    private String base(GeneratorModel model) {
        return fingerprints.of(files(model)).sha256();
    }

    private static Path path(ModelFolders folders, String name) {
        return lora(folders, name).orElseGet(() -> folders.folder(ModelName.LIGHTNING));
    }

    /** Where a LoRA would be; empty for Lightning where it is not. */
    static Optional<Path> lora(ModelFolders folders, String name) {
        return name.equals(ModelName.LIGHTNING.id())
                ? folders.find(ModelName.LIGHTNING)
                : Optional.of(folders.root().resolve(name));
    }

    private static Map<String, Path> files(GeneratorModel model) {
        var files = new LinkedHashMap<String, Path>();
        model.files().forEach((name, path) -> files.put(model.family() + "/" + name, path));
        return files;
    }

    /** Everything that decides what comes out, by names that do not depend on where it lies. */
    static Map<String, Path> files(GeneratorKey key) {
        var model = key.model();
        var files = new LinkedHashMap<>(files(model));
        int index = 0;
        for (var lora : key.loras()) {
            String name = GeneratorUse.LORA + "%d@%s".formatted(index++, lora.strength());
            model.loraFiles(lora).forEach((part, path) -> files.put(name + "/" + part, path));
        }
        return files;
    }

    /** Removes the files of adapters. */
    @Override
    public void close() {
        paths.close();
    }
}
