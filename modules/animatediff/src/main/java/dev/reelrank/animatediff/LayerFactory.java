package dev.reelrank.animatediff;

import dev.reelrank.torch.Linear;
import dev.reelrank.torch.LinearAdapters;
import dev.reelrank.torch.LinearFormat;
import dev.reelrank.torch.PictureKernels;
import dev.reelrank.torch.PictureNorm;
import dev.reelrank.torch.Weights;

/**
 * Makes the linear layers of the transformers, in their format and with their adapters, and the
 * norms of pictures.
 *
 * @param format of the weights
 * @param adapters put beside them
 * @param kernels of the device that computes
 */
record LayerFactory(LinearFormat format, LinearAdapters adapters, PictureKernels kernels) {
    Linear load(Weights weights, long in, long out, boolean bias) {
        return adapters.beside(Linear.load(weights, in, out, bias, format), weights);
    }

    PictureNorm norm(Weights weights, long groups, long channels, double epsilon) {
        return PictureNorm.load(weights, groups, channels, epsilon, kernels);
    }
}
