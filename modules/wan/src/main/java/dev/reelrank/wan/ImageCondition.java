package dev.reelrank.wan;

import dev.reelrank.diffusion.image.Frames;
import dev.reelrank.diffusion.image.LanczosResize;
import dev.reelrank.diffusion.vae.Tiling;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** What an image-to-video network is told about its first frame. */
final class ImageCondition {
    private ImageCondition() {}

    /**
     * The mask of known frames and the latents of the image followed by grey frames.
     *
     * @param factor frames that one latent frame stands for
     * @return shape (1, factor + latent channels, latent frames, height, width), of the open scope
     */
    static Tensor encode(
            Vae vae,
            int factor,
            RgbImage image,
            int frames,
            int width,
            int height,
            @Nullable Tiling tiling) {
        return TensorScope.compute(
                () -> {
                    Tensor first = Frames.toTensor(LanczosResize.resize(image, width, height));
                    Tensor grey =
                            Ops.zeros(
                                    TorchDevice.cpu(), DType.FLOAT32, frames - 1, 3, height, width);
                    Tensor latents = finite(vae.toLatents(Ops.cat(0, first, grey), tiling));
                    Tensor mask =
                            latents.new_zeros(
                                    1, factor, latents.size(2), latents.size(3), latents.size(4));
                    mask = Ops.to(mask, DType.FLOAT32);
                    mask.narrow(2, 0, 1).fill_(new Scalar(1.0));
                    return Ops.cat(1, mask, latents).contiguous();
                });
    }

    /**
     * The latents of the image alone: the first latent frame of a video that begins with it.
     *
     * @return shape (1, latent channels, 1, height, width), of the open scope
     */
    static Tensor first(Vae vae, RgbImage image, int width, int height, @Nullable Tiling tiling) {
        return TensorScope.compute(
                () ->
                        finite(
                                        vae.toLatents(
                                                Frames.toTensor(
                                                        LanczosResize.resize(image, width, height)),
                                                tiling))
                                .contiguous());
    }

    private static Tensor finite(Tensor latents) {
        if (!Ops.isFinite(latents)) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "the VAE's encoder made latents of the image that are not finite (NaN or infinite): try --precision fp32");
        }
        return latents;
    }
}
