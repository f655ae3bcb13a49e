package dev.reelrank.animatediff;

import dev.reelrank.diffusion.PartWeights;
import dev.reelrank.torch.TensorSource;
import java.nio.file.Path;

/**
 * The weights in a model's folder.
 *
 * @param adapted whether the motion modules are in a file of their own
 */
record AnimateDiffFiles(Path folder, boolean adapted) implements PartWeights {
    private static final String TEXT = "model";

    @Override
    public TensorSource open(String part) {
        return switch (part) {
            case AnimateDiffFolder.UNET -> unet();
            case AnimateDiffFolder.VAE ->
                    StoredNames.vae(WeightFiles.open(folder.resolve(part), WeightFiles.NETWORK));
            default -> WeightFiles.open(folder.resolve(part), TEXT);
        };
    }

    private TensorSource unet() {
        var pictures =
                WeightFiles.open(folder.resolve(AnimateDiffFolder.UNET), WeightFiles.NETWORK);
        if (!adapted) {
            return pictures;
        }
        try {
            return new JoinedTensors(
                    pictures,
                    StoredNames.motion(
                            WeightFiles.open(
                                    folder.resolve(AnimateDiffFolder.ADAPTER),
                                    WeightFiles.NETWORK)));
        } catch (RuntimeException e) {
            pictures.close();
            throw e;
        }
    }

    @Override
    public long parameters(String part) {
        long own = elements(part);
        return adapted && part.equals(AnimateDiffFolder.UNET)
                ? own + elements(AnimateDiffFolder.ADAPTER)
                : own;
    }

    private long elements(String part) {
        String stem = part.equals(AnimateDiffFolder.TEXT_ENCODER) ? TEXT : WeightFiles.NETWORK;
        try (var file = WeightFiles.open(folder.resolve(part), stem)) {
            return file.names().stream().mapToLong(name -> file.info(name).elements()).sum();
        }
    }
}
