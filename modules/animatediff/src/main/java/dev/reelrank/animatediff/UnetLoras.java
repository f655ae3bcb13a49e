package dev.reelrank.animatediff;

import dev.reelrank.diffusion.lora.LoraFile;
import dev.reelrank.diffusion.lora.LoraMerge;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.torch.SafetensorsFile;
import dev.reelrank.torch.TensorSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Finds out what LoRAs change of a model's UNet and text encoder, and merges them. */
final class UnetLoras {
    private final UnetLoraNames names;

    /** Reads the names of the model's tensors. */
    UnetLoras(AnimateDiffFolder parts) {
        var tensors = new TreeSet<String>();
        try (var unet = parts.openUnet();
                var text = parts.openText()) {
            tensors.addAll(unet.names());
            tensors.addAll(text.names());
        }
        names = new UnetLoraNames(tensors);
    }

    /** The files that are used, by part. */
    Map<String, Path> files(LoraSpec lora) {
        var files = new LinkedHashMap<String, Path>();
        partFiles(lora).forEach((part, file) -> files.put(part, file.path()));
        return files;
    }

    /** A file whose keys do not speak of the text encoder is for the UNet alone. */
    private Map<String, LoraSpec.PartFile> partFiles(LoraSpec lora) {
        var found = new LinkedHashMap<>(lora.files(names, names.parts()));
        var text = found.get(UnetLoraNames.TEXT);
        if (text != null && !text.named() && !speaksOfText(text.path())) {
            found.remove(UnetLoraNames.TEXT);
        }
        return found;
    }

    private boolean speaksOfText(Path path) {
        try (var file = SafetensorsFile.open(path)) {
            return file.names().stream()
                    .anyMatch(
                            key ->
                                    names.component(key)
                                            .map(names::part)
                                            .filter(UnetLoraNames.TEXT::equals)
                                            .isPresent());
        }
    }

    /**
     * A part's weights with LoRAs merged into them.
     *
     * @param base closed with the result, or at once if a LoRA does not fit
     */
    LoraMerge merged(String part, TensorSource base, List<LoraSpec> loras) {
        var opened = new ArrayList<LoraMerge.Strength>();
        try {
            for (var lora : loras) {
                var file = partFiles(lora).get(part);
                if (file != null) {
                    opened.add(
                            new LoraMerge.Strength(
                                    LoraFile.open(file.path(), names, part, file.named()),
                                    lora.strength()));
                }
            }
            return new LoraMerge(base, opened);
        } catch (RuntimeException e) {
            opened.forEach(lora -> lora.file().close());
            base.close();
            throw e;
        }
    }
}
