package dev.reelrank.wan;

import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.Rotary;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Rotations of query and key by their place in the video: the channels of a head are shared out to
 * frame, row and column, a third each (rows and columns rounded down to pairs), frequencies
 * 10000^(-2i/d) in float64.
 *
 * @param cos float32, shape (1, tokens, 1, head dim / 2)
 * @param sin like cos
 * @param turns cos + i sin, complex
 */
record RotaryTable(Tensor cos, Tensor sin, Tensor turns) {
    private static final double THETA = 10000;

    /** The table for a grid of tokens, owned by these parameters. */
    static RotaryTable of(
            int frames,
            int rows,
            int columns,
            int headDim,
            TorchDevice device,
            Parameters parameters) {
        try (var scope = TensorScope.open()) {
            var table = of(frames, rows, columns, headDim, device);
            parameters.own(table.cos);
            parameters.own(table.sin);
            parameters.own(table.turns);
            return table;
        }
    }

    private static RotaryTable of(
            int frames, int rows, int columns, int headDim, TorchDevice device) {
        int side = 2 * (headDim / 6);
        int[] dims = {headDim - 2 * side, side, side};
        int half = headDim / 2;
        int[] places = {frames, rows, columns};
        Tensor[] cos = new Tensor[3];
        Tensor[] sin = new Tensor[3];
        for (int axis = 0; axis < 3; axis++) {
            long[] along = {1, 1, 1, dims[axis] / 2};
            along[axis] = places[axis];
            long[] all = {frames, rows, columns, dims[axis] / 2};
            // A place along one axis has the same angles wherever it is along the others.
            float[][] table = angles(places[axis], dims[axis]);
            cos[axis] = device.place(Ops.tensor(table[0], along), DType.FLOAT32).expand(all);
            sin[axis] = device.place(Ops.tensor(table[1], along), DType.FLOAT32).expand(all);
        }
        long tokens = (long) frames * rows * columns;
        Tensor c = Ops.cat(-1, cos).view(1, tokens, 1, half);
        Tensor s = Ops.cat(-1, sin).view(1, tokens, 1, half);
        return new RotaryTable(c, s, torch.view_as_complex(Ops.stack(-1, c, s)));
    }

    /** Cosines and sines of the places along one axis, place by place. */
    private static float[][] angles(int places, int dim) {
        int pairs = dim / 2;
        float[][] table = new float[2][places * pairs];
        for (int place = 0; place < places; place++) {
            for (int i = 0; i < pairs; i++) {
                double angle = place * (1.0 / Math.pow(THETA, 2.0 * i / dim));
                table[0][place * pairs + i] = (float) Math.cos(angle);
                table[1][place * pairs + i] = (float) Math.sin(angle);
            }
        }
        return table;
    }

    /**
     * @param x shape (1, tokens, heads, head dim)
     */
    Tensor rotate(Tensor x) {
        if (DType.of(x) != DType.FLOAT32 || x.requires_grad()) {
            return Rotary.pairs(x, cos, sin);
        }
        // One pass over memory instead of six.
        return TensorScope.compute(
                () -> {
                    long half = x.size(-1) / 2;
                    Tensor pairs =
                            torch.view_as_complex(
                                    x.contiguous().unflatten(-1, new long[] {half, 2}));
                    return torch.view_as_real(pairs.mul(turns)).flatten(-2, -1);
                });
    }
}
