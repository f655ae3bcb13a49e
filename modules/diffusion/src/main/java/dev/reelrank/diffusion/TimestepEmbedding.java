package dev.reelrank.diffusion;

import dev.reelrank.torch.DType;
import dev.reelrank.torch.Linear;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.Weights;
import org.bytedeco.pytorch.Tensor;

/**
 * What a transformer or UNet is told of a number, most often the timestep: waves of it through two
 * linear layers with SiLU between them. Float32 whatever the model's type: errors here would shift
 * every block.
 */
public final class TimestepEmbedding {
    private static final double MAX_PERIOD = 10000;

    private final TorchDevice device;
    private final Linear first;
    private final Linear second;

    private TimestepEmbedding(TorchDevice device, Linear first, Linear second) {
        this.device = device;
        this.first = first;
        this.second = second;
    }

    /**
     * Loads {@code linear_1} (dim, waves) and {@code linear_2} (dim, dim) with biases.
     *
     * @param waves cosines and sines, even
     * @param device where it computes
     */
    public static TimestepEmbedding load(
            Weights weights, long waves, long dim, TorchDevice device) {
        Weights wide = weights.as(DType.FLOAT32);
        return new TimestepEmbedding(
                device,
                Linear.load(wide.child("linear_1"), waves, dim, true),
                Linear.load(wide.child("linear_2"), dim, dim, true));
    }

    /** Of each number a row; shape (numbers, dim), float32. */
    public Tensor apply(double... values) {
        return TensorScope.compute(
                () -> {
                    int count = (int) first.in();
                    float[] all = new float[values.length * count];
                    for (int i = 0; i < values.length; i++) {
                        System.arraycopy(waves(values[i], count), 0, all, i * count, count);
                    }
                    Tensor input =
                            device.place(Ops.tensor(all, values.length, count), DType.FLOAT32);
                    return second.apply(Ops.silu(first.apply(input)));
                });
    }

    /**
     * Cosines, then sines, of a number at frequencies {@code 10000^(-i / half)} (Vaswani et al.
     * 2017), rounded to float32 where the reference does.
     */
    public static float[] waves(double value, int count) {
        int half = count / 2;
        float[] waves = new float[2 * half];
        for (int i = 0; i < half; i++) {
            float exponent = (float) -Math.log(MAX_PERIOD) * i / half;
            float angle = (float) value * (float) Math.exp(exponent);
            waves[i] = (float) Math.cos(angle);
            waves[half + i] = (float) Math.sin(angle);
        }
        return waves;
    }
}
