package dev.reelrank.diffusion.train;

import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.train.LoraLayers;
import org.bytedeco.pytorch.Tensor;

/**
 * One network of a generator: frozen weights with LoRA layers beside them. A generator has several
 * where each is made for a range of noise.
 */
public interface TrainableNetwork extends AutoCloseable {
    /** Its folder in a snapshot, for example {@code transformer}; the prefix of its LoRA's keys. */
    String name();

    /** The timesteps it is made for. */
    NoiseRange noise();

    /** What is trained of it. */
    LoraLayers adapters();

    TorchDevice device();

    /** Bytes of the frozen weights. */
    long baseBytes();

    /**
     * One evaluation as blocks. Everything in it belongs to the open scope, which must stay open
     * until the gradients are taken.
     *
     * @param latents noisy, shape (1, channels, latent frames, height, width), float32
     * @param timestep 0..1000
     */
    NetworkPass pass(Tensor latents, double timestep, TrainingCondition condition);

    /** Frees the weights and the adapters. */
    @Override
    void close();
}
