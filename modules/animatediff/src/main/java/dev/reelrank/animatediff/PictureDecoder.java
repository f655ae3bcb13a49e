package dev.reelrank.animatediff;

import dev.reelrank.torch.Conv2d;
import dev.reelrank.torch.DoublingConv;
import dev.reelrank.torch.PictureKernels;
import dev.reelrank.torch.PictureNorm;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import org.bytedeco.pytorch.Tensor;

/** Latents to pictures. */
final class PictureDecoder {
    private static final double EPSILON = 1e-6;

    private final Conv2d in;
    private final PictureSteps steps = new PictureSteps();
    private final PictureNorm norm;
    private final Conv2d out;

    PictureDecoder(Weights weights, PictureVaeConfig config, PictureKernels kernels) {
        var channels = config.channels();
        int last = channels.size() - 1;
        long deep = channels.get(last);
        in = Conv2d.load(weights.child("conv_in"), config.latentChannels(), deep, 3, 1, 1);
        steps.add(
                new PictureMiddle(weights.child("mid_block"), deep, config.groups(), kernels)
                        ::apply);
        for (int i = last; i >= 0; i--) {
            Weights block = weights.child("up_blocks." + (last - i));
            long width = channels.get(i);
            long from = channels.get(Math.min(last, i + 1));
            for (int j = 0; j <= config.layers(); j++) {
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
            if (i > 0) {
                var doubling = DoublingConv.load(block.child("upsamplers.0.conv"), width, width);
                steps.add(doubling::apply);
            }
        }
        norm =
                PictureNorm.load(
                        weights.child("conv_norm_out"),
                        config.groups(),
                        channels.get(0),
                        EPSILON,
                        kernels);
        out = Conv2d.load(weights.child("conv_out"), channels.get(0), 3, 3, 1, 1);
    }

    /**
     * Decodes pictures.
     *
     * @param x shape (pictures, channels, height, width)
     * @return shape (pictures, 3, factor · height, factor · width)
     */
    Tensor apply(Tensor x) {
        return TensorScope.compute(() -> out.apply(norm.silu(steps.apply(in.apply(x)))));
    }
}
