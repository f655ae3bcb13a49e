package dev.reelrank.wan;

import dev.reelrank.diffusion.text.TextEncoderConfig;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.nio.file.Path;
import java.util.Map;

/**
 * What a folder holds, whichever layout it has.
 *
 * @param parts its weights
 * @param files everything that decides what comes out, by the names of the diffusers layout
 * @param twoExperts whether there is a second transformer for low noise
 * @param givenFirstFrame whether an image is the first latent frame, and its tokens have a time of
 *     their own (TI2V-5B)
 * @param boundary share of the noise range above which the first expert works; 0 for always
 */
record WanLayout(
        WanParts parts,
        Map<String, Path> files,
        boolean twoExperts,
        boolean givenFirstFrame,
        double boundary,
        TransformerConfig transformer,
        VaeConfig vae,
        TextEncoderConfig text,
        WanSchedulers schedulers) {
    /** The same with weights from elsewhere. */
    WanLayout with(WanParts other) {
        return new WanLayout(
                other,
                files,
                twoExperts,
                givenFirstFrame,
                boundary,
                transformer,
                vae,
                text,
                schedulers);
    }

    /**
     * Checks that the parts belong together.
     *
     * @throws StageException MODEL_MISMATCH naming the folder and what does not fit
     */
    void requireFit(Path folder) {
        if (text.dim() != transformer.textDim()) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "the text encoder of %s makes %d numbers per token, the transformer expects %d"
                            .formatted(folder, text.dim(), transformer.textDim()));
        }
        long z = vae.latentChannels();
        if (transformer.outChannels() != z) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "the transformer of %s makes %d channels, the latents of its VAE have %d"
                            .formatted(folder, transformer.outChannels(), z));
        }
        if (givenFirstFrame) {
            requireFirstFrame(folder);
        } else {
            requireInput(folder);
        }
    }

    private void requireFirstFrame(Path folder) {
        long z = vae.latentChannels();
        if (transformer.inChannels() != z || transformer.patch()[0] != 1) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "%s says expand_timesteps (TI2V-5B), so its transformer must take %d channels in patches of one frame; it takes %d in patches of %d"
                            .formatted(
                                    folder, z, transformer.inChannels(), transformer.patch()[0]));
        }
    }

    private void requireInput(Path folder) {
        if (vae.residual()) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "%s has the VAE of Wan2.2-TI2V-5B, but its model_index.json does not say \"expand_timesteps\": true"
                            .formatted(folder));
        }
        long z = vae.latentChannels();
        long withImage = 2 * z + vae.temporalFactor();
        if (transformer.inChannels() != z && transformer.inChannels() != withImage) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "the transformer of %s takes %d channels; with this VAE it must be %d (text-to-video) or %d (image-to-video)"
                            .formatted(folder, transformer.inChannels(), z, withImage));
        }
    }
}
