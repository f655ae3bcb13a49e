package dev.reelrank.cogvideox;

import dev.reelrank.diffusion.vae.FrameCache;
import dev.reelrank.diffusion.vae.Tiling;
import dev.reelrank.diffusion.vae.VaeTiles;
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
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * CogVideoX's causal video autoencoder. Videos have the shape (frames, 3, height, width), values
 * -1..1, latents (latent frames, channels, height / 8, width / 8), as the encoder makes them: not
 * multiplied by the scale.
 *
 * <p>It works in chunks of 8 frames or 2 latent frames, the first one longer by what is left over.
 * Its group norms are computed over a chunk, so the chunks' size is part of the model; memory does
 * not grow with the length of the video.
 */
final class CogVae implements AutoCloseable {
    private static final int LATENTS_PER_CHUNK = 2;
    private static final int FRAMES_PER_CHUNK = 8;
    private static final double LEAST_LOG = -30;
    private static final double MOST_LOG = 20;

    private final CogVaeConfig config;
    private final TorchDevice device;
    private final DType dtype;
    private final Parameters parameters = new Parameters();
    private final PictureKernels kernels;
    private final CogVaeEncoder encoder;
    private final CogVaeDecoder decoder;

    /**
     * Latents as a normal distribution, one for each number.
     *
     * @param mean float32
     * @param deviation float32
     */
    record Moments(Tensor mean, Tensor deviation) implements AutoCloseable {
        /** Past the open scope; the caller closes it. */
        Moments kept() {
            mean.retainReference();
            deviation.retainReference();
            return this;
        }

        @Override
        public void close() {
            mean.releaseReference();
            deviation.releaseReference();
        }
    }

    /**
     * @param dtype float32, or bfloat16 on a GPU
     */
    CogVae(CogVaeConfig config, TensorSource source, TorchDevice device, DType dtype) {
        this.config = config;
        this.device = device;
        this.dtype = dtype;
        kernels = new PictureKernels(device);
        var weights = new Weights(source, device, dtype, parameters);
        try {
            encoder = new CogVaeEncoder(weights.child("encoder"), config, kernels);
            decoder = new CogVaeDecoder(weights.child("decoder"), config, kernels);
            weights.requireAllUsed();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Encodes a video.
     *
     * @param video one frame, or 8k+1, on any device
     * @param tiling null for the whole picture at once
     */
    Moments encode(Tensor video, @Nullable Tiling tiling) {
        Tensor[] moments =
                TensorScope.computeAll(
                        () -> {
                            Tensor x = placed(video);
                            Tensor made =
                                    tiling == null
                                            ? encodeWhole(x)
                                            : VaeTiles.encode(
                                                    x,
                                                    tiling,
                                                    config.spaceFactor(),
                                                    this::encodeWhole);
                            Tensor wide = Ops.to(made, DType.FLOAT32);
                            long z = config.latentChannels();
                            Tensor log =
                                    wide.narrow(1, z, z)
                                            .clamp(
                                                    new ScalarOptional(new Scalar(LEAST_LOG)),
                                                    new ScalarOptional(new Scalar(MOST_LOG)));
                            return new Tensor[] {
                                wide.narrow(1, 0, z).contiguous(), Ops.mul(log, 0.5).exp()
                            };
                        });
        return new Moments(moments[0], moments[1]);
    }

    /**
     * Decodes latents and hands over the frames as they come.
     *
     * @param latents one frame, or an odd number of them
     * @param frames takes chunks of frames on the VAE's device, not clamped; a chunk is freed when
     *     it returns
     */
    void decode(Tensor latents, @Nullable Tiling tiling, Consumer<Tensor> frames) {
        TensorScope.run(
                () -> {
                    Tensor z = placed(latents);
                    if (tiling != null && VaeTiles.needed(z, tiling, config.spaceFactor())) {
                        frames.accept(
                                VaeTiles.decode(
                                        z, tiling, config.spaceFactor(), this::decodeWhole));
                        return;
                    }
                    try (var cache = new FrameCache()) {
                        chunks(
                                z,
                                LATENTS_PER_CHUNK,
                                chunk ->
                                        TensorScope.run(
                                                () -> frames.accept(decoder.apply(chunk, cache))));
                    }
                });
    }

    private Tensor placed(Tensor x) {
        return device.place(x, dtype).contiguous(torch.MemoryFormat.ChannelsLast);
    }

    private Tensor encodeWhole(Tensor x) {
        try (var cache = new FrameCache()) {
            return joined(x, FRAMES_PER_CHUNK, chunk -> encoder.apply(chunk, cache));
        }
    }

    private Tensor decodeWhole(Tensor x) {
        try (var cache = new FrameCache()) {
            return joined(x, LATENTS_PER_CHUNK, chunk -> decoder.apply(chunk, cache));
        }
    }

    private static Tensor joined(Tensor x, int size, UnaryOperator<Tensor> each) {
        var made = new ArrayList<Tensor>();
        chunks(x, size, chunk -> made.add(each.apply(chunk)));
        return Ops.cat(0, made.toArray(Tensor[]::new));
    }

    /** What does not fill a chunk belongs to the first one. */
    private static void chunks(Tensor x, int size, Consumer<Tensor> each) {
        long frames = x.size(0);
        long left = frames % size;
        long end = Math.min(frames, size + left);
        each.accept(x.narrow(0, 0, end));
        for (long from = end; from < frames; from += size) {
            each.accept(x.narrow(0, from, size));
        }
    }

    @Override
    public void close() {
        kernels.close();
        parameters.close();
    }
}
