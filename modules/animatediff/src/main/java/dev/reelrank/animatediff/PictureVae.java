package dev.reelrank.animatediff;

import dev.reelrank.diffusion.vae.Tiling;
import dev.reelrank.diffusion.vae.VaeTiles;
import dev.reelrank.torch.Conv2d;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.PictureKernels;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TensorSource;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.Weights;
import java.util.ArrayList;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.jspecify.annotations.Nullable;

/**
 * Stable Diffusion's autoencoder (AutoencoderKL): every frame is a picture for itself. Latents are
 * the mean of what the encoder says, without its spread, so that equal frames give equal latents.
 */
final class PictureVae implements AutoCloseable {
    /** Frames that are encoded or decoded at a time. */
    private static final int FRAMES = 4;

    private final PictureVaeConfig config;
    private final TorchDevice device;
    private final DType dtype;
    private final Parameters parameters = new Parameters();
    private final PictureKernels kernels;
    private final PictureEncoder encoder;
    private final Conv2d quant;
    private final Conv2d postQuant;
    private final PictureDecoder decoder;

    PictureVae(PictureVaeConfig config, TensorSource source, TorchDevice device, DType dtype) {
        this.config = config;
        this.device = device;
        this.dtype = dtype;
        kernels = new PictureKernels(device);
        long z = config.latentChannels();
        try {
            var weights = new Weights(source, device, dtype, parameters);
            encoder = new PictureEncoder(weights.child("encoder"), config, kernels);
            quant = Conv2d.load(weights.child("quant_conv"), 2 * z, 2 * z, 1, 1, 0);
            postQuant = Conv2d.load(weights.child("post_quant_conv"), z, z, 1, 1, 0);
            decoder = new PictureDecoder(weights.child("decoder"), config, kernels);
            weights.requireAllUsed();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * The latents of a video as the UNet denoises them.
     *
     * @param frames shape (frames, 3, height, width), -1..1
     * @param tiling null for whole pictures, several at a time; else one at a time
     * @return shape (1, channels, frames, height / factor, width / factor), float32
     */
    Tensor toLatents(Tensor frames, @Nullable Tiling tiling) {
        return TensorScope.compute(
                () -> {
                    var parts = new ArrayList<Tensor>();
                    long at = 0;
                    while (at < frames.size(0)) {
                        long count = Math.min(perTurn(tiling), frames.size(0) - at);
                        Tensor some = frames.narrow(0, at, count);
                        parts.add(
                                TensorScope.compute(
                                        () ->
                                                tiling == null
                                                        ? mean(placed(some))
                                                        : VaeTiles.encode(
                                                                placed(some),
                                                                tiling,
                                                                config.factor(),
                                                                this::mean)));
                        at += count;
                    }
                    Tensor all = Ops.cat(0, parts.toArray(Tensor[]::new));
                    return Ops.mul(Ops.to(all, DType.FLOAT32), config.scaling())
                            .permute(1, 0, 2, 3)
                            .contiguous()
                            .unsqueeze(0);
                });
    }

    private static int perTurn(@Nullable Tiling tiling) {
        return tiling == null ? FRAMES : 1;
    }

    private Tensor placed(Tensor x) {
        return device.place(x, dtype).contiguous(MemoryFormat.ChannelsLast);
    }

    private Tensor mean(Tensor frames) {
        return quant.apply(encoder.apply(frames)).narrow(1, 0, config.latentChannels());
    }

    /**
     * Decodes a video, some frames at a time.
     *
     * @param latents as {@link #toLatents} gives them
     * @param tiling null for whole pictures, several at a time; else one at a time
     * @param each takes shape (frames, 3, height, width), about -1..1, in order
     */
    void fromLatents(Tensor latents, @Nullable Tiling tiling, Consumer<Tensor> each) {
        long count = latents.size(2);
        for (long at = 0; at < count; at += perTurn(tiling)) {
            long from = at;
            TensorScope.run(
                    () -> {
                        Tensor some =
                                latents.squeeze(0)
                                        .narrow(1, from, Math.min(perTurn(tiling), count - from))
                                        .permute(1, 0, 2, 3);
                        Tensor x = placed(Ops.mul(some, 1 / config.scaling()));
                        each.accept(
                                tiling == null || !VaeTiles.needed(x, tiling, config.factor())
                                        ? pictures(x)
                                        : VaeTiles.decode(
                                                x, tiling, config.factor(), this::pictures));
                    });
        }
    }

    private Tensor pictures(Tensor latents) {
        return TensorScope.compute(() -> decoder.apply(postQuant.apply(latents)));
    }

    Parameters parameters() {
        return parameters;
    }

    @Override
    public void close() {
        kernels.close();
        parameters.close();
    }
}
