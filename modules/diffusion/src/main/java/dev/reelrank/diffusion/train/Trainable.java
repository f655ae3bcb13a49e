package dev.reelrank.diffusion.train;

import dev.reelrank.diffusion.Precision;
import dev.reelrank.torch.TorchDevice;
import java.util.Optional;

/**
 * A model whose adapters can be trained; a {@code GeneratorModel} implements it if its family can.
 */
public interface Trainable {
    /**
     * Reads the weights, with new adapters beside them. On a GPU the attention kernels are chosen
     * by the process beforehand ({@link dev.reelrank.torch.AttentionBackend#prefer}).
     *
     * @return closed by the caller
     * @throws dev.reelrank.pipeline.StageException MODEL_MISSING or MODEL_MISMATCH naming file and
     *     tensor, INVALID_CONFIG for a precision without gradients, an unknown network, or targets
     *     that name no layer
     */
    TrainableModel train(TrainingSettings settings, TorchDevice device);

    /**
     * Reads the weights that encode texts, images and videos.
     *
     * @param precision of the encoders
     * @return closed by the caller
     * @throws dev.reelrank.pipeline.StageException MODEL_MISSING or MODEL_MISMATCH naming file and
     *     tensor
     */
    TrainingEncoder encoder(Precision precision, TorchDevice device);

    /**
     * The timesteps of the model's own inference schedule, in the order in which it takes them; a
     * distilled model knows no others.
     */
    double[] timesteps();

    /**
     * Whether the noise that a video is generated from is {@code Noise.normal} of its seed in the
     * shape of the latents that are trained: then a training can draw it again.
     */
    default boolean seededNoise() {
        return true;
    }

    /**
     * What the name of a LoRA's file says when it is for one network.
     *
     * @param network by its folder
     * @return a word as in {@code high_noise}; empty where the model has one network
     * @throws dev.reelrank.pipeline.StageException MODEL_MISMATCH for a network that the model does
     *     not have
     */
    Optional<String> fileWord(String network);
}
