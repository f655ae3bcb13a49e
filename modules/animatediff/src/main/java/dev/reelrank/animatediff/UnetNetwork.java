package dev.reelrank.animatediff;

import dev.reelrank.diffusion.train.NetworkPass;
import dev.reelrank.diffusion.train.NoiseRange;
import dev.reelrank.diffusion.train.TrainableModel;
import dev.reelrank.diffusion.train.TrainableNetwork;
import dev.reelrank.diffusion.train.TrainingCondition;
import dev.reelrank.diffusion.train.TrainingSettings;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.train.LoraLayers;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** The UNet in training: each of its stages is a block that can be computed again. */
final class UnetNetwork implements TrainableNetwork {
    private final NoiseRange noise;
    private final TorchDevice device;
    private final LoraLayers adapters;
    private final Unet unet;

    private UnetNetwork(NoiseRange noise, TorchDevice device, LoraLayers adapters, Unet unet) {
        this.noise = noise;
        this.device = device;
        this.adapters = adapters;
        this.unet = unet;
    }

    /** Loads a model; see {@link dev.reelrank.diffusion.train.Trainable#train}. */
    static TrainableModel load(
            AnimateDiffModel model, TrainingSettings settings, TorchDevice device) {
        for (String name : settings.networks()) {
            if (!name.equals(AnimateDiffFolder.UNET)) {
                throw new StageException(
                        FailureCode.INVALID_CONFIG,
                        "%s has no network '%s' to train; it has %s"
                                .formatted(model.folder(), name, AnimateDiffFolder.UNET));
            }
        }
        if (settings.precision().float8Rows()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "precision %s has no gradients: train with fp32, bf16, bf16-weights or fp8-weights"
                            .formatted(settings.precision().id()));
        }
        var parts = model.parts();
        var traits = model.training();
        var adapters = new LoraLayers(settings.lora(), settings.seed(), settings.branch());
        try (var source =
                new UnetLoras(parts)
                        .merged(UnetLoraNames.UNET, parts.openUnet(), settings.merged())) {
            var unet =
                    new Unet(
                            parts.unet(),
                            source,
                            device,
                            device,
                            settings.precision().dtype(),
                            settings.precision().format(),
                            adapters);
            return new TrainableModel(
                    traits.prediction(),
                    traits.noise(),
                    List.of(
                            new UnetNetwork(
                                    new NoiseRange(0, traits.noise().timesteps()),
                                    device,
                                    adapters,
                                    unet)));
        } catch (RuntimeException e) {
            adapters.close();
            throw e;
        }
    }

    @Override
    public String name() {
        return AnimateDiffFolder.UNET;
    }

    @Override
    public NoiseRange noise() {
        return noise;
    }

    @Override
    public LoraLayers adapters() {
        return adapters;
    }

    @Override
    public TorchDevice device() {
        return device;
    }

    @Override
    public long baseBytes() {
        return unet.bytes();
    }

    @Override
    public NetworkPass pass(Tensor latents, double timestep, TrainingCondition condition) {
        return unet.pass(latents, timestep, condition.text().rows());
    }

    @Override
    public void close() {
        unet.close();
        adapters.close();
    }
}
