package dev.reelrank.wan;

import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.train.NetworkPass;
import dev.reelrank.diffusion.train.NoiseRange;
import dev.reelrank.diffusion.train.TrainableNetwork;
import dev.reelrank.diffusion.train.TrainingCondition;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorSource;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.train.LoraLayers;
import org.bytedeco.pytorch.Tensor;

/** One expert in training. Its operations run one by one: fused kernels have no gradients. */
final class WanNetwork implements TrainableNetwork {
    private final String name;
    private final NoiseRange noise;
    private final TorchDevice device;
    private final LoraLayers adapters;
    private final WanTransformer transformer;

    /**
     * Reads an expert's weights.
     *
     * @param name its folder in a snapshot
     * @param adapters new; closed with this network
     * @throws StageException INVALID_CONFIG for a precision without gradients
     */
    WanNetwork(
            String name,
            NoiseRange noise,
            TransformerConfig config,
            TensorSource source,
            TorchDevice device,
            Precision precision,
            LoraLayers adapters) {
        if (precision == Precision.FP8 || precision == Precision.FP8_ATTENTION) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "precision %s has no gradients: train with fp32, bf16, bf16-weights or fp8-weights"
                            .formatted(precision.id()));
        }
        this.name = name;
        this.noise = noise;
        this.device = device;
        this.adapters = adapters;
        this.transformer =
                new WanTransformer(
                        config,
                        source,
                        device,
                        device,
                        precision.dtype(),
                        precision.format(),
                        adapters,
                        new EagerMath());
    }

    @Override
    public String name() {
        return name;
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
        return transformer.bytes();
    }

    @Override
    public NetworkPass pass(Tensor latents, double timestep, TrainingCondition condition) {
        Tensor image = condition.image();
        Tensor x =
                image == null
                        ? latents
                        : Ops.cat(1, latents, image.to(latents.device(), latents.scalar_type()));
        return transformer.pass(x, timestep, 0, condition.text());
    }

    @Override
    public void close() {
        transformer.close();
        adapters.close();
    }
}
