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
        double[][] frequencies = new double[3][];
        for (int axis = 0; axis < 3; axis++) {
            frequencies[axis] = new double[dims[axis] / 2];
            for (int i = 0; i < frequencies[axis].length; i++) {
                frequencies[axis][i] = 1.0 / Math.pow(THETA, 2.0 * i / dims[axis]);
            }
        }
        float[] cos = new float[frames * rows * columns * half];
        float[] sin = new float[cos.length];
        int at = 0;
        for (int f = 0; f < frames; f++) {
            for (int r = 0; r < rows; r++) {
                for (int c = 0; c < columns; c++) {
                    int[] place = {f, r, c};
                    for (int axis = 0; axis < 3; axis++) {
                        for (double frequency : frequencies[axis]) {
                            cos[at] = (float) Math.cos(place[axis] * frequency);
                            sin[at++] = (float) Math.sin(place[axis] * frequency);
                        }
                    }
                }
            }
        }
        long tokens = (long) frames * rows * columns;
        Tensor c = device.place(Ops.tensor(cos, 1, tokens, 1, half), DType.FLOAT32);
        Tensor s = device.place(Ops.tensor(sin, 1, tokens, 1, half), DType.FLOAT32);
        return new RotaryTable(c, s, torch.view_as_complex(Ops.stack(-1, c, s)));
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
