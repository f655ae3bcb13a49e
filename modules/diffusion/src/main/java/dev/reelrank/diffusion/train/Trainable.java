package dev.reelrank.diffusion.train;

import dev.reelrank.diffusion.Precision;
import dev.reelrank.torch.TorchDevice;

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
}
