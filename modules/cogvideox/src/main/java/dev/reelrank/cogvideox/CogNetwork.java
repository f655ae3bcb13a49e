package dev.reelrank.cogvideox;

import dev.reelrank.diffusion.train.NetworkPass;
import dev.reelrank.diffusion.train.NoiseRange;
import dev.reelrank.diffusion.train.TrainableNetwork;
import dev.reelrank.diffusion.train.TrainingCondition;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.train.LoraLayers;
import org.bytedeco.pytorch.Tensor;

/**
 * The transformer in training.
 *
 * @param adapters closed with this network
 * @param timesteps of training
 */
record CogNetwork(
        CogTransformer transformer, TorchDevice device, LoraLayers adapters, int timesteps)
        implements TrainableNetwork {
    @Override
    public String name() {
        return CogModel.TRANSFORMER;
    }

    @Override
    public NoiseRange noise() {
        return new NoiseRange(0, timesteps);
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
        return transformer.pass(x.transpose(1, 2), timestep, condition.text().rows());
    }

    @Override
    public void close() {
        transformer.close();
        adapters.close();
    }
}
