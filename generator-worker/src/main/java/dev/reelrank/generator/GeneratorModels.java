package dev.reelrank.generator;

import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.diffusion.offload.Offload;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.wan.GenerationDefaults;
import dev.reelrank.wan.LoadSettings;
import dev.reelrank.wan.MemoryPlan;
import dev.reelrank.wan.WanSnapshot;
import dev.reelrank.worker.models.ModelFolders;
import dev.reelrank.worker.models.ModelName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which weights a configuration asks for, where they lie, and how they are loaded. */
final class GeneratorModels {
    private final ModelFolders folders;
    private final Device device;

    GeneratorModels(ModelFolders folders, Device device) {
        this.folders = folders;
        this.device = device;
    }

    WanSnapshot snapshot() {
        return WanSnapshot.open(folders.folder(ModelName.WAN));
    }

    /** The LoRAs of a configuration, or those that belong to the model. */
    List<LoraSpec> loras(@Nullable List<CandidateConfig.Lora> wanted, GenerationDefaults defaults) {
        var specs = new ArrayList<LoraSpec>();
        if (wanted == null) {
            defaults.loras().forEach(l -> specs.add(new LoraSpec(path(l.name()), l.strength())));
        } else {
            wanted.forEach(l -> specs.add(new LoraSpec(path(l.name()), l.strength())));
        }
        return specs;
    }

    private Path path(String name) {
        return name.equals(ModelName.LIGHTNING.id())
                ? folders.folder(ModelName.LIGHTNING)
                : folders.root().resolve(name);
    }

    GeneratorKey key(CandidateConfig config) {
        var snapshot = snapshot();
        return new GeneratorKey(
                snapshot.folder(),
                Precision.parse(config.precision(), device),
                config.offload(),
                loras(config.loras(), snapshot.defaults()));
    }

    static WanSnapshot snapshot(GeneratorKey key) {
        return WanSnapshot.open(key.model());
    }

    /**
     * How a key's weights are loaded on a device; {@code auto} offload is decided by its memory.
     */
    static LoadSettings settings(GeneratorKey key, TorchDevice device) {
        var plan = MemoryPlan.of(snapshot(key), key.weights());
        Offload offload =
                key.offload().equals("auto")
                        ? plan.offloadFor(device)
                        : Offload.parse(key.offload());
        return new LoadSettings(key.weights(), offload, key.loras(), plan.tilingFor(device));
    }

    /** Everything that decides what comes out, by names that do not depend on where it lies. */
    static Map<String, Path> files(GeneratorKey key) {
        var snapshot = snapshot(key);
        snapshot.requireFiles();
        var files = new LinkedHashMap<String, Path>();
        snapshot.files().forEach((name, path) -> files.put("wan/" + name, path));
        int index = 0;
        for (var lora : key.loras()) {
            String name = "lora/%d@%s".formatted(index++, lora.strength());
            lora.files(WanSnapshot.LORA_EXPERTS)
                    .forEach((expert, path) -> files.put(name + "/" + expert, path));
        }
        return files;
    }
}
