package dev.reelrank.wan;

import dev.reelrank.diffusion.vae.FrameCache;
import dev.reelrank.diffusion.vae.Tiling;
import dev.reelrank.diffusion.vae.VaeTiles;
import dev.reelrank.torch.CausalConv3d;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TensorSource;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Wan's causal video autoencoder: Wan2.1's, whose latents cover 8 pixels each way, or Wan2.2's,
 * whose layers see patches and whose latents cover 16. Videos are batches of frames, shape (frames,
 * 3, height, width), values -1..1; its own latents have shape (latent frames, channels, height / 8,
 * width / 8), or a 16th. The transformer's latents are normalised and have shape (1, channels,
 * latent frames, height / 8, width / 8), or a 16th.
 *
 * <p>Both ways work in chunks of one latent frame, each layer remembering the frames it looks back
 * to, so that memory does not grow with the length of the video.
 */
public final class Vae implements AutoCloseable {
    private final VaeConfig config;
    private final TorchDevice device;
    private final DType dtype;
    private final Parameters parameters = new Parameters();
    private final VaeMath math;
    private final VaeEncoder encoder;
    private final VaeDecoder decoder;
    private final CausalConv3d quantize;
    private final CausalConv3d dequantize;

    /**
     * @param dtype float32, or bfloat16 on a GPU
     */
    public Vae(VaeConfig config, TensorSource source, TorchDevice device, DType dtype) {
        this.config = config;
        this.device = device;
        this.dtype = dtype;
        var weights = new Weights(source, device, dtype, parameters);
        try {
            long z = config.latentChannels();
            math = new VaeMath(device);
            encoder = new VaeEncoder(weights.child("encoder"), config, math);
            decoder = new VaeDecoder(weights.child("decoder"), config, math);
            quantize = CausalConv3d.load(weights.child("quant_conv"), 2 * z, 2 * z, 1, 1, 1);
            dequantize = CausalConv3d.load(weights.child("post_quant_conv"), z, z, 1, 1, 1);
            weights.requireAllUsed();
        } catch (RuntimeException e) {
            parameters.close();
            throw e;
        }
    }

    public VaeConfig config() {
        return config;
    }

    public Parameters parameters() {
        return parameters;
    }

    /**
     * The most likely latents of a video, not normalised.
     *
     * @param video frames 4k+1, on any device
     * @param tiling null for the whole picture at once
     * @return float32
     */
    public Tensor encode(Tensor video, @Nullable Tiling tiling) {
        return TensorScope.compute(
                () -> {
                    Tensor x = Patches.of(device.place(video, dtype), config.patch());
                    // As the published pipeline does it, tiles count patches here, not pixels.
                    int factor = config.spatialFactor() / config.patch();
                    Tensor latents =
                            tiling == null
                                    ? encodeWhole(x)
                                    : VaeTiles.encode(x, tiling, factor, this::encodeWhole);
                    return Ops.to(latents, DType.FLOAT32);
                });
    }

    private Tensor encodeWhole(Tensor x) {
        return encodeWhole(x, repeated(x, config.temporalFactor()));
    }

    /**
     * Latents of frames that are on the device.
     *
     * @param repeated of each chunk after the first frame: whether it is equal to the one before,
     *     so that layers may give what they gave; the latents are the same bit for bit
     */
    Tensor encodeWhole(Tensor x, boolean[] repeated) {
        int step = config.temporalFactor();
        var chunks = new ArrayList<Tensor>();
        try (var cache = new FrameCache();
                var kept = new KeptChunk()) {
            chunks.add(encodeChunk(x.narrow(0, 0, 1), cache, 0, kept));
            int equal = 0;
            for (int i = 0; i < repeated.length; i++) {
                equal = repeated[i] ? equal + 1 : 0;
                chunks.add(encodeChunk(x.narrow(0, 1 + (long) i * step, step), cache, equal, kept));
            }
        }
        return Ops.cat(0, chunks.toArray(Tensor[]::new));
    }

    /**
     * Which chunks after the first frame are equal to the one before, number by number: an image is
     * followed by grey frames only.
     */
    static boolean[] repeated(Tensor x, int step) {
        var repeated = new boolean[(int) ((x.size(0) - 1) / step)];
        if (repeated.length > 1) {
            TensorScope.run(
                    () -> {
                        long frames = (long) step * (repeated.length - 1);
                        Tensor equal =
                                x.narrow(0, 1 + step, frames)
                                        .eq(x.narrow(0, 1, frames))
                                        .flatten(1, -1)
                                        .all(1);
                        Tensor chunks = Ops.to(equal.view(-1, step).all(1), DType.FLOAT32).cpu();
                        for (int i = 1; i < repeated.length; i++) {
                            repeated[i] = chunks.select(0, i - 1).item_float() > 0;
                        }
                    });
        }
        return repeated;
    }

    /** As {@link VaeEncoder#settled}. */
    int settled(int equal, long frames) {
        return encoder.settled(equal, frames);
    }

    private Tensor encodeChunk(Tensor chunk, FrameCache cache, int equal, KeptChunk kept) {
        return TensorScope.compute(
                () ->
                        quantize.apply(encoder.apply(chunk, cache, equal, kept), null)
                                .narrow(1, 0, config.latentChannels())
                                .contiguous());
    }

    /**
     * Decodes latents that are not normalised, and hands over the frames as they come.
     *
     * @param frames takes chunks of shape (1 or 4, 3, height, width), float, -1..1, on the VAE's
     *     device; a chunk is freed when it returns
     */
    public void decode(Tensor latents, @Nullable Tiling tiling, Consumer<Tensor> frames) {
        TensorScope.run(
                () -> {
                    Tensor z =
                            device.place(latents, dtype)
                                    .contiguous(torch.MemoryFormat.ChannelsLast);
                    if (tiling != null && VaeTiles.needed(z, tiling, config.spatialFactor())) {
                        Tensor video =
                                VaeTiles.decode(
                                        z,
                                        inPatches(tiling),
                                        config.spatialFactor() / config.patch(),
                                        this::decodeWhole);
                        frames.accept(pictures(video));
                        return;
                    }
                    decodeChunks(z, chunk -> frames.accept(pictures(chunk)));
                });
    }

    /** The same tiles, counted in what the layers see. */
    private Tiling inPatches(Tiling tiling) {
        return new Tiling(tiling.size() / config.patch(), tiling.stride() / config.patch());
    }

    private Tensor pictures(Tensor decoded) {
        return clamp(Patches.whole(decoded, config.patch()));
    }

    private void decodeChunks(Tensor latents, Consumer<Tensor> frames) {
        try (var cache = new FrameCache()) {
            for (long t = 0; t < latents.size(0); t++) {
                Tensor latent = latents.narrow(0, t, 1);
                TensorScope.run(
                        () -> frames.accept(decoder.apply(dequantize.apply(latent, null), cache)));
            }
        }
    }

    private Tensor decodeWhole(Tensor latents) {
        List<Tensor> chunks = new ArrayList<>();
        decodeChunks(latents, chunk -> chunks.add(keep(chunk)));
        Tensor video = Ops.cat(0, chunks.toArray(Tensor[]::new));
        chunks.forEach(Tensor::releaseReference);
        return video;
    }

    private static Tensor keep(Tensor chunk) {
        Tensor whole = chunk.contiguous();
        whole.retainReference();
        return whole;
    }

    private static Tensor clamp(Tensor frames) {
        return frames.clamp_(
                new org.bytedeco.pytorch.ScalarOptional(new Scalar(-1.0)),
                new org.bytedeco.pytorch.ScalarOptional(new Scalar(1.0)));
    }

    /**
     * The transformer's latents of a video: {@code (z - mean) / deviation} for each channel.
     *
     * @param video frames 4k+1, on any device
     * @param tiling null for the whole picture at once
     * @return float32
     */
    Tensor toLatents(Tensor video, @Nullable Tiling tiling) {
        return TensorScope.compute(
                () -> {
                    Tensor z = encode(video, tiling);
                    return z.sub(channels(config.mean(), z))
                            .div(channels(config.deviation(), z))
                            .permute(1, 0, 2, 3)
                            .unsqueeze(0);
                });
    }

    /** Decodes the transformer's latents; otherwise as {@link #decode}. */
    void fromLatents(Tensor latents, @Nullable Tiling tiling, Consumer<Tensor> frames) {
        TensorScope.run(
                () -> {
                    Tensor z = latents.squeeze(0).permute(1, 0, 2, 3);
                    decode(
                            z.mul(channels(config.deviation(), z)).add(channels(config.mean(), z)),
                            tiling,
                            frames);
                });
    }

    private static Tensor channels(double[] values, Tensor like) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return Ops.tensor(floats, 1, floats.length, 1, 1).to(like);
    }

    @Override
    public void close() {
        math.close();
        parameters.close();
    }
}
