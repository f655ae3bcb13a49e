package dev.reelrank.diffusion;

import dev.reelrank.torch.SafetensorsWriter;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Where the latents of a step are written: safetensors with {@code latents}, shape (1, channels,
 * latent frames, height, width), float32, and seed and step as metadata.
 *
 * @param path the file
 * @param step after which step, 1 to the number of steps
 */
public record LatentsFile(Path path, int step) {
    public void write(Tensor latents, long seed) {
        SafetensorsWriter.write(
                path,
                Map.of("latents", latents),
                Map.of("seed", Long.toString(seed), "step", Integer.toString(step)));
    }
}
