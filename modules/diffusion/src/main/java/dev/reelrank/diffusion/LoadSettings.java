package dev.reelrank.diffusion;

import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.diffusion.offload.Offload;
import dev.reelrank.diffusion.vae.Tiling;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What decides the loaded weights.
 *
 * @param loras merged in this order
 * @param tiling of the VAE; null for whole pictures
 */
public record LoadSettings(
        Precision precision, Offload offload, List<LoraSpec> loras, @Nullable Tiling tiling) {
    public LoadSettings {
        loras = List.copyOf(loras);
    }
}
