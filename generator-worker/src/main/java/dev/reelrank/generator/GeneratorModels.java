package dev.reelrank.generator;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.stage.LoadKey;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.wan.GenerationDefaults;
import dev.reelrank.wan.LoadSettings;
import dev.reelrank.wan.LoraSpec;
import dev.reelrank.wan.MemoryPlan;
import dev.reelrank.wan.Offload;
import dev.reelrank.wan.Precision;
import dev.reelrank.wan.WanSnapshot;
import dev.reelrank.worker.models.ModelFolders;
import dev.reelrank.worker.models.ModelName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Which weights a configuration asks for, where they lie, and how they are loaded. */
final class GeneratorModels {
    private static final String MODEL = "model";
    private static final String OFFLOAD = "offload";
    private static final String LORA = "lora.";

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

    LoadKey key(CandidateConfig config) {
        var snapshot = snapshot();
        var precision = Precision.parse(config.precision(), device);
        var parts = new TreeMap<String, String>();
        parts.put(MODEL, snapshot.folder().toString());
        parts.put(OFFLOAD, config.offload());
        int index = 0;
        for (var lora : loras(config.loras(), snapshot.defaults())) {
            parts.put(LORA + "%02d".formatted(index++), lora.path() + ":" + lora.strength());
        }
        return new LoadKey(precision.id(), parts);
    }

    static WanSnapshot snapshot(LoadKey key) {
        return WanSnapshot.open(Path.of(key.parts().get(MODEL)));
    }

    private static List<LoraSpec> loras(LoadKey key) {
        return new TreeMap<>(key.parts())
                .entrySet().stream()
                        .filter(part -> part.getKey().startsWith(LORA))
                        .map(part -> LoraSpec.parse(part.getValue()))
                        .toList();
    }

    /**
     * How a key's weights are loaded on a device; {@code auto} offload is decided by its memory.
     */
    static LoadSettings settings(LoadKey key, TorchDevice device) {
        var snapshot = snapshot(key);
        var precision = Precision.parse(key.precision(), device.device());
        var plan = MemoryPlan.of(snapshot, precision);
        String wanted = key.parts().get(OFFLOAD);
        Offload offload =
                wanted == null || wanted.equals("auto")
                        ? plan.offloadFor(device)
                        : Offload.parse(wanted);
        return new LoadSettings(precision, offload, loras(key), plan.tilingFor(device));
    }

    /** Everything that decides what comes out, by names that do not depend on where it lies. */
    static Map<String, Path> files(LoadKey key) {
        var snapshot = snapshot(key);
        snapshot.requireFiles();
        var files = new LinkedHashMap<String, Path>();
        snapshot.files().forEach((name, path) -> files.put("wan/" + name, path));
        int index = 0;
        for (var lora : loras(key)) {
            String name = "lora/%d@%s".formatted(index++, lora.strength());
            lora.files().forEach((expert, path) -> files.put(name + "/" + expert, path));
        }
        return files;
    }
}
