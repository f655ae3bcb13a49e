package dev.reelrank.diffusion.train;

import dev.reelrank.torch.train.Block;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * One evaluation of a network, ready to run ({@link dev.reelrank.torch.train.BlockPass}).
 *
 * @param input state of the first block; frozen, so no gradient is needed beyond it
 * @param blocks the last one gives the prediction, in the shape of the noisy latents
 */
public record NetworkPass(Tensor[] input, List<Block> blocks) {
    public NetworkPass {
        blocks = List.copyOf(blocks);
    }
}
