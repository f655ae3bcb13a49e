package dev.reelrank.animatediff;

import dev.reelrank.torch.Linear;
import dev.reelrank.torch.LinearAdapters;
import dev.reelrank.torch.LinearFormat;
import dev.reelrank.torch.Weights;

/**
 * Makes the linear layers of the transformers, in their format and with their adapters.
 *
 * @param format of the weights
 * @param adapters put beside them
 */
record LinearFactory(LinearFormat format, LinearAdapters adapters) {
    Linear load(Weights weights, long in, long out, boolean bias) {
        return adapters.beside(Linear.load(weights, in, out, bias, format), weights);
    }
}
