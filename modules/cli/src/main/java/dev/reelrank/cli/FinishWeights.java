package dev.reelrank.cli;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.FinishConfig;
import dev.reelrank.upscale.UpscaleOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Where the weights lie that {@code finish.upscale} names. */
final class FinishWeights {
    private static final List<String> ENDINGS = List.of(".pth", ".safetensors", ".bin");

    private FinishWeights() {}

    /**
     * The file {@code upscale/NAME.pth} below the models root, or one that ends in .safetensors or
     * .bin.
     *
     * @return empty if the winners stay as they are
     * @throws StageException MODEL_MISSING naming the files that were looked for
     */
    static Optional<Path> find(FinishConfig finish, ModelOptions models) {
        String name = finish.upscale();
        if (name == null) {
            return Optional.empty();
        }
        Path folder = models.root().resolve("upscale");
        List<Path> places = ENDINGS.stream().map(end -> folder.resolve(name + end)).toList();
        return Optional.of(
                places.stream()
                        .filter(Files::isRegularFile)
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        new StageException(
                                                FailureCode.MODEL_MISSING,
                                                "finish.upscale is '%s', and there is none of %s; put the weights there, or leave the winners as they are with finish.upscale=none"
                                                        .formatted(name, places))));
    }

    /** How the network computes. */
    static UpscaleOptions options(FinishConfig finish, int batch) {
        return new UpscaleOptions(finish.tile(), finish.overlap(), batch, finish.precision());
    }
}
