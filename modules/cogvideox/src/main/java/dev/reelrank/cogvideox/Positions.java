package dev.reelrank.cogvideox;

import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.Rotary;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Where each token lies: as rotations of query and key, or as waves that are added to the tokens.
 * The prompt's tokens come first and have no place: they are turned by nothing and get zeros.
 *
 * @param cos float32, shape (1, 1, tokens, head dim / 2); null without rotations
 * @param sin like cos
 * @param added float32, shape (1, tokens, dim); null with rotations
 */
record Positions(@Nullable Tensor cos, @Nullable Tensor sin, @Nullable Tensor added) {
    private static final double THETA = 10000;

    /** The positions of a grid, owned by these parameters. */
    static Positions of(
            CogTransformerConfig config, Grid grid, TorchDevice device, Parameters parameters) {
        try (var scope = TensorScope.open()) {
            if (!config.rotary()) {
                float[] waves = waves(config, grid);
                Tensor added = Ops.tensor(waves, 1, -1, config.dim());
                return new Positions(
                        null, null, parameters.own(device.place(added, DType.FLOAT32)));
            }
            float[][] turns = turns(config, grid);
            long half = config.headDim() / 2;
            return new Positions(
                    parameters.own(
                            device.place(Ops.tensor(turns[0], 1, 1, -1, half), DType.FLOAT32)),
                    parameters.own(
                            device.place(Ops.tensor(turns[1], 1, 1, -1, half), DType.FLOAT32)),
                    null);
        }
    }

    /** Rotates query or key, shape (1, heads, tokens, head dim). */
    Tensor rotate(Tensor heads) {
        return cos == null || sin == null ? heads : Rotary.pairs(heads, cos, sin);
    }

    /** A quarter of a head's channels is for the frame, 3/8 each for row and column. */
    private static float[][] turns(CogTransformerConfig config, Grid grid) {
        int dim = (int) config.headDim();
        int[] dims = {dim / 4, dim / 8 * 3, dim / 8 * 3};
        double[][] places = places(config, grid);
        int half = dim / 2;
        float[] cos = new float[(config.textRows() + grid.tokens()) * half];
        float[] sin = new float[cos.length];
        int at = config.textRows() * half;
        java.util.Arrays.fill(cos, 0, at, 1);
        for (int f = 0; f < grid.frames(); f++) {
            for (int r = 0; r < grid.rows(); r++) {
                for (int c = 0; c < grid.columns(); c++) {
                    double[] place = {places[0][f], places[1][r], places[2][c]};
                    for (int axis = 0; axis < 3; axis++) {
                        for (int i = 0; i < dims[axis] / 2; i++) {
                            double angle = place[axis] / Math.pow(THETA, 2.0 * i / dims[axis]);
                            cos[at] = (float) Math.cos(angle);
                            sin[at++] = (float) Math.sin(angle);
                        }
                    }
                }
            }
        }
        return new float[][] {cos, sin};
    }

    /**
     * CogVideoX 1.0 fits the grid into the one that it was trained on, keeping its aspect, and
     * spreads rows and columns over that part. 1.5 counts them.
     */
    private static double[][] places(CogTransformerConfig config, Grid grid) {
        double[] frames = counted(grid.frames());
        if (config.framePatch() > 0) {
            return new double[][] {frames, counted(grid.rows()), counted(grid.columns())};
        }
        double baseRows = Math.floorDiv(config.sampleHeight(), config.patch());
        double baseColumns = Math.floorDiv(config.sampleWidth(), config.patch());
        double aspect = (double) grid.rows() / grid.columns();
        boolean tall = aspect > baseRows / baseColumns;
        double rows = tall ? baseRows : Math.rint(baseColumns / grid.columns() * grid.rows());
        double columns = tall ? Math.rint(baseRows / grid.rows() * grid.columns()) : baseColumns;
        return new double[][] {
            frames,
            spread(Math.rint((baseRows - rows) / 2), rows, grid.rows()),
            spread(Math.rint((baseColumns - columns) / 2), columns, grid.columns())
        };
    }

    private static double[] counted(int count) {
        double[] places = new double[count];
        for (int i = 0; i < count; i++) {
            places[i] = i;
        }
        return places;
    }

    /** Evenly from the start to {@code (start + extent) (count - 1) / count}. */
    private static double[] spread(double start, double extent, int count) {
        double end = (start + extent) * (count - 1) / count;
        double[] places = new double[count];
        for (int i = 0; i < count; i++) {
            places[i] = count == 1 ? start : start + (end - start) * i / (count - 1);
        }
        return places;
    }

    /**
     * Sines, then cosines: a quarter of the channels for the frame, 3/8 each for column and row.
     */
    private static float[] waves(CogTransformerConfig config, Grid grid) {
        int dim = (int) config.dim();
        int side = dim / 4 * 3 / 2;
        float[] waves = new float[(config.textRows() + grid.tokens()) * dim];
        int at = config.textRows() * dim;
        for (int f = 0; f < grid.frames(); f++) {
            for (int r = 0; r < grid.rows(); r++) {
                for (int c = 0; c < grid.columns(); c++) {
                    wave(waves, at, dim / 4, f / config.temporalScale());
                    wave(waves, at + dim / 4, side, c / config.spatialScale());
                    wave(waves, at + dim / 4 + side, side, r / config.spatialScale());
                    at += dim;
                }
            }
        }
        return waves;
    }

    private static void wave(float[] waves, int at, int dim, double place) {
        int half = dim / 2;
        for (int i = 0; i < half; i++) {
            double angle = place / Math.pow(THETA, (double) i / half);
            waves[at + i] = (float) Math.sin(angle);
            waves[at + half + i] = (float) Math.cos(angle);
        }
    }
}
