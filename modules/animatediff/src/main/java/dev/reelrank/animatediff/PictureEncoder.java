package dev.reelrank.animatediff;

import dev.reelrank.torch.Conv2d;
import dev.reelrank.torch.PictureKernels;
import dev.reelrank.torch.PictureNorm;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Pictures to the mean and the logarithm of the variance of their latents. */
final class PictureEncoder {
    private static final double EPSILON = 1e-6;
    private static final long[] RIGHT_AND_BOTTOM = {0, 1, 0, 1};

    private final Conv2d in;
    private final PictureSteps steps = new PictureSteps();
    private final PictureNorm norm;
    private final Conv2d out;

    PictureEncoder(Weights weights, PictureVaeConfig config, PictureKernels kernels) {
        var channels = config.channels();
        in = Conv2d.load(weights.child("conv_in"), 3, channels.get(0), 3, 1, 1);
        for (int i = 0; i < channels.size(); i++) {
            Weights block = weights.child("down_blocks." + i);
            long width = channels.get(i);
            long from = channels.get(Math.max(0, i - 1));
            for (int j = 0; j < config.layers(); j++) {
                steps.add(
                        new ResidualBlock(
                                        block.child("resnets." + j),
                                        j == 0 ? from : width,
                                        width,
                                        0,
                                        config.groups(),
                                        EPSILON,
                                        kernels)
                                ::apply);
            }
            if (i < channels.size() - 1) {
                var half = Conv2d.load(block.child("downsamplers.0.conv"), width, width, 3, 2, 0);
                steps.add(
                        x ->
                                half.apply(
                                        torch.pad(
                                                x,
                                                RIGHT_AND_BOTTOM,
                                                "constant",
                                                new DoubleOptional(0))));
            }
        }
        long deep = channels.get(channels.size() - 1);
        steps.add(
                new PictureMiddle(weights.child("mid_block"), deep, config.groups(), kernels)
                        ::apply);
        norm =
                PictureNorm.load(
                        weights.child("conv_norm_out"), config.groups(), deep, EPSILON, kernels);
        out = Conv2d.load(weights.child("conv_out"), deep, 2 * config.latentChannels(), 3, 1, 1);
    }

    /**
     * Encodes pictures.
     *
     * @param x shape (pictures, 3, height, width)
     * @return shape (pictures, 2 · channels, height / factor, width / factor)
     */
    Tensor apply(Tensor x) {
        return TensorScope.compute(() -> out.apply(norm.silu(steps.apply(in.apply(x)))));
    }
}
