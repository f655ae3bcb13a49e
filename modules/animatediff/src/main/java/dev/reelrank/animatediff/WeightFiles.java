package dev.reelrank.animatediff;

import dev.reelrank.torch.Checkpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The weights of a published folder, which often holds several variants of them: the plain file,
 * else the one in half precision.
 */
final class WeightFiles {
    /** The stem of UNets, motion modules and autoencoders. */
    static final String NETWORK = "diffusion_pytorch_model";

    private static final List<String> VARIANTS = List.of("", ".fp16", ".bf16");

    private WeightFiles() {}

    /**
     * Opens the weights of a part.
     *
     * @param stem of the files' names, such as {@code model}
     * @throws dev.reelrank.pipeline.StageException MODEL_MISSING or MODEL_MISMATCH
     */
    static Checkpoint open(Path folder, String stem) {
        for (String variant : VARIANTS) {
            Path file = folder.resolve(stem + variant + ".safetensors");
            boolean sharded = Files.isRegularFile(folder.resolve(stem + ".safetensors.index.json"));
            if (!sharded && Files.isRegularFile(file)) {
                return Checkpoint.open(file);
            }
        }
        return Checkpoint.open(folder);
    }
}
