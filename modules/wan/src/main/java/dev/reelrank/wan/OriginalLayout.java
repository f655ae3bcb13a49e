package dev.reelrank.wan;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The layout in which Wan's authors publish: text encoder and autoencoder are pickled ({@code
 * .pth}), which is code and not only numbers. It is recognised, so that the error can say what to
 * use.
 */
final class OriginalLayout {
    private static final List<String> MARKERS =
            List.of(
                    "models_t5_umt5-xxl-enc-bf16.pth",
                    "Wan2.1_VAE.pth",
                    "Wan2.2_VAE.pth",
                    "high_noise_model",
                    "low_noise_model");

    private OriginalLayout() {}

    static boolean isHere(Path folder) {
        return marker(folder).isPresent();
    }

    static StageException refused(Path folder) {
        return new StageException(
                FailureCode.MODEL_MISMATCH,
                "%s is in the original layout (it has %s), whose .pth files are not read: use the repository of the same name that ends in -Diffusers, or ComfyUI's safetensors in diffusion_models/, text_encoders/ and vae/"
                        .formatted(folder, marker(folder).orElse("its files")));
    }

    private static Optional<String> marker(Path folder) {
        return MARKERS.stream().filter(name -> Files.exists(folder.resolve(name))).findFirst();
    }
}
