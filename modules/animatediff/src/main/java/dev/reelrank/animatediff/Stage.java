package dev.reelrank.animatediff;

import dev.reelrank.torch.Parameters;
import org.bytedeco.pytorch.Tensor;

/**
 * A stretch of the UNet that is computed, moved to the device and computed again as one.
 *
 * @param name for messages
 * @param parameters its weights
 * @param step from the state before to the state after
 */
record Stage(String name, Parameters parameters, Step step) {
    /** The state is the hidden state, then the skips that were not taken yet, oldest first. */
    interface Step {
        Tensor[] apply(Tensor[] state, UnetInput input);
    }
}
