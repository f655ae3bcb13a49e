package dev.reelrank.cogvideox;

import dev.reelrank.diffusion.DenoisingLoop;
import dev.reelrank.diffusion.GenerationSettings;
import dev.reelrank.diffusion.offload.NetworkVisits;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.NoiseStream;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What the denoising loop needs of CogVideoX for one generation. Numbers are drawn in the order of
 * diffusers' pipelines: for the image's latents, for the noise, then for the scheduler.
 *
 * <p>The loop's latents have channels before frames, as those of all families; the transformer and
 * the order of drawn numbers have frames first.
 */
final class CogDenoising implements DenoisingLoop.Network, AutoCloseable {
    private final CogTransformer transformer;
    private final NetworkVisits visits;
    private final CogConditioning sample;
    private final GenerationSettings settings;
    private final Guidance guidance;
    private final NoiseStream noise;
    private final @Nullable Tensor image;
    private final DenoisingLoop loop;

    /** Everything in it belongs to the open scope. */
    CogDenoising(
            CogModel model,
            CogTransformer transformer,
            NetworkVisits visits,
            TorchDevice device,
            CogConditioning sample,
            long seed) {
        this.transformer = transformer;
        this.visits = visits;
        this.sample = sample;
        settings = sample.settings();
        guidance = Guidance.of(settings);
        noise = new NoiseStream(seed);
        long[] size = model.shape().latents(settings.frames(), settings.width(), settings.height());
        var moments = sample.image();
        image = moments == null ? null : image(model.shape(), moments, size[1], device);
        Tensor first = drawn(size);
        loop =
                new DenoisingLoop(
                        model.schedulers()
                                .of(settings.scheduler(), settings.steps(), () -> drawn(size)),
                        device,
                        new long[] {1, size[2], size[1], size[3], size[4]},
                        this,
                        same -> first);
    }

    /** The next numbers, channels before frames. */
    private Tensor drawn(long[] size) {
        return TensorScope.compute(() -> noise.next(size).transpose(1, 2).contiguous());
    }

    /** Of the image's latents in the first frame, with zeros after it. */
    private Tensor image(CogShape shape, CogVae.Moments moments, long frames, TorchDevice device) {
        return TensorScope.compute(
                () -> {
                    Tensor drawn = device.place(noise.next(moments.mean().shape()), DType.FLOAT32);
                    return shape.beside(moments.mean().add(moments.deviation().mul(drawn)), frames);
                });
    }

    DenoisingLoop loop() {
        return loop;
    }

    @Override
    public Tensor predict(int index, double timestep, Tensor latents) {
        return TensorScope.compute(
                () -> {
                    Tensor input = input(latents);
                    Tensor with = predicted(input, timestep, sample.prompt().rows());
                    var negative = sample.negative();
                    if (negative == null) {
                        return with.transpose(1, 2);
                    }
                    double strength =
                            guidance.at(settings.guidance(), index, settings.steps(), timestep);
                    Tensor without = predicted(input, timestep, negative.rows());
                    return without.add(Ops.mul(with.sub(without), strength)).transpose(1, 2);
                });
    }

    private Tensor input(Tensor latents) {
        Tensor frames = latents.transpose(1, 2);
        return image == null ? frames : Ops.cat(2, frames, image);
    }

    private Tensor predicted(Tensor input, double timestep, Tensor text) {
        return TensorScope.compute(
                () ->
                        Ops.to(
                                transformer.apply(input, timestep, text, visits.enter()),
                                DType.FLOAT32));
    }

    @Override
    public String whereNotFinite(int index, double timestep, Tensor latents) {
        try (var scope = TensorScope.open()) {
            Tensor input = input(latents);
            String place = "the transformer at timestep " + timestep;
            if (!Ops.isFinite(predicted(input, timestep, sample.prompt().rows()))) {
                return place + ", for the prompt";
            }
            var negative = sample.negative();
            if (negative != null && !Ops.isFinite(predicted(input, timestep, negative.rows()))) {
                return place + ", for the negative prompt";
            }
            return "guidance or scheduler, after finite values of " + place;
        }
    }

    @Override
    public void close() {
        loop.close();
        noise.close();
    }
}
