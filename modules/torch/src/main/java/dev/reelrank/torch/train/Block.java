package dev.reelrank.torch.train;

import org.bytedeco.pytorch.Tensor;

/**
 * A part of a network that is computed again to get its gradients.
 *
 * <p>It sees everything it needs as state or as constants it was made with. It must compute the
 * same each time: randomness, such as dropout, comes from seeds.
 */
public interface Block {
    /**
     * Computes the block.
     *
     * @param state what the block before gave; several tensors where a network has several streams
     *     or skips
     * @return what the next block gets; the last block's only tensor is the network's output
     */
    Tensor[] apply(Tensor[] state);
}
