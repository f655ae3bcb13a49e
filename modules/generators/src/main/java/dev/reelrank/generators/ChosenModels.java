package dev.reelrank.generators;

import dev.reelrank.diffusion.GeneratorModel;
import dev.reelrank.diffusion.lora.LoraSpec;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A generator and its LoRAs by the names that users know. */
public final class ChosenModels {
    private ChosenModels() {}

    /** Folders by name, the model's first. */
    public static Map<String, Path> of(GeneratorModel model, List<LoraSpec> loras) {
        var folders = new LinkedHashMap<String, Path>();
        folders.put(name(model.folder()), model.folder());
        loras.forEach(lora -> folders.putIfAbsent(name(lora.path()), lora.path()));
        return folders;
    }

    /** The folder's name, or that of the repository in a hub cache. */
    public static String name(Path folder) {
        Path named = folder.toAbsolutePath().normalize();
        Path parent = named.getParent();
        Path repository = parent == null ? null : parent.getParent();
        if (parent != null && repository != null && parent.endsWith("snapshots")) {
            named = repository;
        }
        return String.valueOf(named.getFileName());
    }
}
