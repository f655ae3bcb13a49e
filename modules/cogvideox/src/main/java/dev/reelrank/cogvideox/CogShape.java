package dev.reelrank.cogvideox;

import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import org.bytedeco.pytorch.Tensor;

/**
 * The shapes of latents, (1, latent frames, channels, height, width). CogVideoX 1.5 takes pairs of
 * latent frames: where their number is odd, one more stands before the first, and is not decoded.
 *
 * @param patchFrames latent frames that a patch covers
 */
record CogShape(CogVaeConfig vae, int patchFrames) {
    /** Latent frames that stand before the first. */
    int padding(int frames) {
        int latentFrames = latentFrames(frames);
        return (patchFrames - latentFrames % patchFrames) % patchFrames;
    }

    private int latentFrames(int frames) {
        return (frames - 1) / vae.timeFactor() + 1;
    }

    /** Of a video's latents, with their padding. */
    long[] latents(int frames, int width, int height) {
        int factor = vae.spaceFactor();
        return new long[] {
            1,
            latentFrames(frames) + padding(frames),
            vae.latentChannels(),
            height / factor,
            width / factor
        };
    }

    /**
     * What an image-to-video transformer sees beside the noisy latents: the image's in the first
     * frame, then zeros.
     *
     * @param image shape (1, channels, height, width)
     */
    Tensor beside(Tensor image, long frames) {
        return TensorScope.compute(
                () -> {
                    Tensor first = Ops.mul(image, vae.imageScale()).unsqueeze(0);
                    Tensor rest =
                            first.new_zeros(
                                    1, frames - 1, image.size(1), image.size(2), image.size(3));
                    return Ops.cat(1, first, rest);
                });
    }

    /** The latents of a video for the transformer; padding repeats the first frame. */
    Tensor scaled(Tensor latents, int frames) {
        return TensorScope.compute(
                () -> {
                    Tensor z = Ops.mul(latents, vae.scale()).unsqueeze(0);
                    int padding = padding(frames);
                    if (padding == 0) {
                        return z;
                    }
                    Tensor first = z.narrow(1, 0, 1);
                    return Ops.cat(1, first.expand(1, padding, z.size(2), z.size(3), z.size(4)), z);
                });
    }

    /** The VAE's latents of what the transformer made, without padding. */
    Tensor unscaled(Tensor latents, int frames) {
        int padding = padding(frames);
        return TensorScope.compute(
                () ->
                        Ops.mul(
                                latents.squeeze(0).narrow(0, padding, latents.size(1) - padding),
                                1 / vae.scale()));
    }
}
