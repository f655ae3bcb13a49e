package dev.reelrank.wan;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

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

    /** TurboDiffusion's checkpoints, wherever somebody puts them in a folder. */
    private static final List<String> TURBO_FOLDERS =
            List.of("", "diffusion_models", "checkpoints");

    private OriginalLayout() {}

    static boolean isHere(Path folder) {
        return marker(folder).isPresent() || turbo(folder).isPresent();
    }

    static StageException refused(Path folder) {
        var turbo = turbo(folder);
        if (turbo.isPresent()) {
            String file = String.valueOf(turbo.get().getFileName());
            return new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "%s is a pickle and not read as it is: convert it once with 'reelrank models convert %s %s', into the folder diffusion_models"
                            .formatted(
                                    turbo.get(),
                                    file,
                                    file.replaceFirst("\\.pth$", ".safetensors")));
        }
        return new StageException(
                FailureCode.MODEL_MISMATCH,
                "%s is in the original layout (it has %s), whose .pth files are not read: use the repository of the same name that ends in -Diffusers, or ComfyUI's safetensors in diffusion_models/, text_encoders/ and vae/"
                        .formatted(folder, marker(folder).orElse("its files")));
    }

    private static Optional<Path> turbo(Path folder) {
        for (String name : TURBO_FOLDERS) {
            Path inside = folder.resolve(name);
            if (!Files.isDirectory(inside)) {
                continue;
            }
            try (Stream<Path> all = Files.list(inside)) {
                var found =
                        all.filter(
                                        file ->
                                                file.getFileName()
                                                        .toString()
                                                        .matches("TurboWan.*\\.pth"))
                                .sorted()
                                .findFirst();
                if (found.isPresent()) {
                    return found;
                }
            } catch (IOException e) {
                throw new UncheckedIOException("cannot list " + inside, e);
            }
        }
        return Optional.empty();
    }

    private static Optional<String> marker(Path folder) {
        return MARKERS.stream().filter(name -> Files.exists(folder.resolve(name))).findFirst();
    }
}
