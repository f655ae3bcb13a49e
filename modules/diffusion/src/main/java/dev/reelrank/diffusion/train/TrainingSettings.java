package dev.reelrank.diffusion.train;

import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.train.LoraConfig;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a generator is loaded for training.
 *
 * @param precision of the frozen weights and of the hidden states
 * @param merged LoRAs that belong to the frozen weights, and so to the reference: a distilled base,
 *     or an adapter that is trained further
 * @param lora the adapters
 * @param seed of the adapters' first values
 * @param networks which are trained, by name; empty for all
 * @param branch the type in which the adapters' change is computed; null for that of the hidden
 *     states
 */
public record TrainingSettings(
        Precision precision,
        List<LoraSpec> merged,
        LoraConfig lora,
        long seed,
        List<String> networks,
        @Nullable DType branch) {
    public TrainingSettings {
        merged = List.copyOf(merged);
        networks = List.copyOf(networks);
    }
}
