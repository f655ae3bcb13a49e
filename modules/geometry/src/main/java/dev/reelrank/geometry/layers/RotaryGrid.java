package dev.reelrank.geometry.layers;

import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import java.util.function.DoubleUnaryOperator;
import org.bytedeco.pytorch.Tensor;

/**
 * Rotary positions of two dimensions: the first half of a head turns with the row of a patch, the
 * second with its column, both from 1 on; special tokens are at (0, 0). The base is 100.
 *
 * @param cos shape (tokens, head dim)
 * @param sin shape (tokens, head dim), negative where the other quarter is subtracted
 */
public record RotaryGrid(Tensor cos, Tensor sin) {
    private static final double BASE = 100;

    /** Of one frame; belongs to the open scope. */
    public static RotaryGrid of(int rows, int columns, int special, int head, TorchDevice device) {
        int tokens = special + rows * columns;
        int quarter = head / 4;
        double[][] angles = angles(Math.max(rows, columns) + 1, quarter, head);
        float[][] cosines = of(angles, Math::cos);
        float[][] sines = of(angles, Math::sin);
        float[] cos = new float[tokens * head];
        float[] sin = new float[tokens * head];
        for (int token = 0; token < tokens; token++) {
            int patch = token - special;
            int row = patch < 0 ? 0 : patch / columns + 1;
            int column = patch < 0 ? 0 : patch % columns + 1;
            for (int i = 0; i < head; i++) {
                int at = i < head / 2 ? row : column;
                cos[token * head + i] = cosines[at][i % quarter];
                float turned = sines[at][i % quarter];
                boolean subtracts = i / quarter % 2 == 0;
                sin[token * head + i] = subtracts ? -turned : turned;
            }
        }
        return new RotaryGrid(
                device.place(Ops.tensor(cos, tokens, head), DType.FLOAT32),
                device.place(Ops.tensor(sin, tokens, head), DType.FLOAT32));
    }

    /** By position and band: few, while the tokens are many. */
    private static double[][] angles(int positions, int quarter, int head) {
        double[][] angles = new double[positions][quarter];
        for (int i = 0; i < quarter; i++) {
            float band = (float) (1 / Math.pow(BASE, i * 2f / (head / 2f)));
            for (int at = 0; at < positions; at++) {
                angles[at][i] = at * band;
            }
        }
        return angles;
    }

    private static float[][] of(double[][] angles, DoubleUnaryOperator function) {
        float[][] values = new float[angles.length][];
        for (int at = 0; at < angles.length; at++) {
            values[at] = new float[angles[at].length];
            for (int i = 0; i < angles[at].length; i++) {
                values[at][i] = (float) function.applyAsDouble(angles[at][i]);
            }
        }
        return values;
    }

    /** The same for several frames one after another. */
    public RotaryGrid repeated(long frames) {
        return new RotaryGrid(cos.repeat(frames, 1), sin.repeat(frames, 1));
    }

    /** The same, which lives as long as the model. */
    public RotaryGrid ownedBy(Parameters parameters) {
        return new RotaryGrid(parameters.own(cos), parameters.own(sin));
    }

    /**
     * Turns queries or keys.
     *
     * @param x shape (batch, heads, tokens, head dim)
     * @return shape and type as x
     */
    public Tensor apply(Tensor x) {
        return TensorScope.compute(
                () -> {
                    long quarter = x.size(-1) / 4;
                    Tensor swapped =
                            Ops.cat(
                                    -1,
                                    x.narrow(-1, quarter, quarter),
                                    x.narrow(-1, 0, quarter),
                                    x.narrow(-1, 3 * quarter, quarter),
                                    x.narrow(-1, 2 * quarter, quarter));
                    return x.mul(cos).addcmul_(swapped, sin).to(x.scalar_type());
                });
    }
}
