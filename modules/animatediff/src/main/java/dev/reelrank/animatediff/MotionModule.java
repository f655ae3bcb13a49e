package dev.reelrank.animatediff;

import dev.reelrank.torch.Linear;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.PictureKernels;
import dev.reelrank.torch.PictureNorm;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import org.bytedeco.pytorch.Tensor;

/**
 * Attention over the frames at each position (Guo and others, AnimateDiff, 2023): the motion
 * modules. Positions in time are the sine waves of Vaswani and others (2017), interleaved.
 */
final class MotionModule implements Layer {
    private static final double EPSILON = 1e-6;
    private static final double MAX_PERIOD = 10000;

    private final PictureNorm norm;
    private final Linear in;
    private final TransformerBlock block;
    private final Tensor positions;
    private final Linear out;
    private final PictureKernels kernels;

    MotionModule(Weights weights, UnetConfig config, int resolution, LayerFactory factory) {
        long dim = config.channels().get(resolution);
        var motion = config.motion();
        norm = factory.norm(weights.child("norm"), motion.groups(), dim, EPSILON);
        in = factory.load(weights.child("proj_in"), dim, dim, true);
        Weights inner = weights.child("transformer_blocks.0");
        block = new TransformerBlock(inner, dim, motion.heads().get(resolution), 0, factory);
        // The table is a formula; files store it too.
        inner.ignore("pos_embed.pe");
        positions = positions(weights, motion.maxFrames(), (int) dim);
        out = factory.load(weights.child("proj_out"), dim, dim, true);
        kernels = factory.kernels();
    }

    private static Tensor positions(Weights weights, int frames, int dim) {
        float[] values = new float[frames * dim];
        for (int p = 0; p < frames; p++) {
            for (int i = 0; i < dim; i += 2) {
                double angle = p * Math.exp(-Math.log(MAX_PERIOD) * i / dim);
                values[p * dim + i] = (float) Math.sin(angle);
                if (i + 1 < dim) {
                    values[p * dim + i + 1] = (float) Math.cos(angle);
                }
            }
        }
        try (var scope = TensorScope.open()) {
            return weights.parameters()
                    .own(weights.device().place(Ops.tensor(values, frames, dim), weights.dtype()));
        }
    }

    @Override
    public Tensor apply(Tensor x, UnetInput input) {
        if (input.still()) {
            return x;
        }
        if (kernels.attendsFrames(x, block.head(), input.frames())) {
            return inPlaces(x, input.frames());
        }
        return TensorScope.compute(
                () -> {
                    long frames = input.frames();
                    long clips = x.size(0) / frames;
                    long height = x.size(2);
                    long width = x.size(3);
                    // The norm runs over all frames of a clip together.
                    Tensor rows =
                            norm.together(x, frames)
                                    .unflatten(0, new long[] {clips, frames})
                                    .permute(0, 3, 4, 1, 2)
                                    .reshape(clips * height * width, frames, x.size(1));
                    Tensor moved =
                            out.apply(
                                    block.apply(
                                            in.apply(rows), null, positions.narrow(0, 0, frames)));
                    Tensor pictures =
                            moved.view(clips, height, width, frames, x.size(1))
                                    .permute(0, 3, 4, 1, 2)
                                    .flatten(0, 1);
                    return x.add(pictures);
                });
    }

    /** The same, with the rows of the pictures where they are. */
    private Tensor inPlaces(Tensor x, long frames) {
        return TensorScope.compute(
                () -> {
                    Tensor rows = norm.together(x, frames).permute(0, 2, 3, 1).flatten(1, 2);
                    Tensor times =
                            positions
                                    .narrow(0, 0, frames)
                                    .unsqueeze(1)
                                    .repeat(x.size(0) / frames, 1, 1);
                    Tensor moved = out.apply(block.overFrames(in.apply(rows), frames, times));
                    return x.add(
                            moved.unflatten(1, new long[] {x.size(2), x.size(3)})
                                    .permute(0, 3, 1, 2));
                });
    }
}
