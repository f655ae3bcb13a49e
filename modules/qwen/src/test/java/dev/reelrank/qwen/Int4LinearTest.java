package dev.reelrank.qwen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.RandomTensors;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.Weights;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class Int4LinearTest {
    /** The same arithmetic, written out for one output. */
    private static double[] roundTrip(float[] weights, int group) {
        var result = new double[weights.length];
        for (var from = 0; from < weights.length; from += group) {
            var low = Float.MAX_VALUE;
            var high = -Float.MAX_VALUE;
            for (var i = from; i < from + group; i++) {
                low = Math.min(low, weights[i]);
                high = Math.max(high, weights[i]);
            }
            var scale = bfloat((high - low) / 15);
            var zero = bfloat(low + scale * 8);
            for (var i = from; i < from + group; i++) {
                var q = Math.max(0, Math.min(15, Math.rint((weights[i] - zero) / scale + 8)));
                result[i] = (q - 8) * scale + zero;
            }
        }
        return result;
    }

    private static float bfloat(float value) {
        var bits = Float.floatToIntBits(value);
        return Float.intBitsToFloat(bits + 0x7fff + (bits >>> 16 & 1) & 0xffff0000);
    }

    @Test
    void shouldMultiplyWithTheRoundedWeights() {
        var random = new Random(5);
        var weights = new float[3 * 96];
        for (var i = 0; i < weights.length; i++) {
            weights[i] = (float) random.nextGaussian();
        }
        var x = new float[96];
        for (var i = 0; i < x.length; i++) {
            x[i] = (float) random.nextGaussian();
        }
        try (var parameters = new Parameters();
                var scope = TensorScope.open()) {
            var place =
                    new Weights(new RandomTensors(1), TorchDevice.cpu(), DType.FLOAT32, parameters);
            Tensor weight = Ops.tensor(weights, 3, 96);
            var layer =
                    Int4Linear.quantize(place, weight, Ops.tensor(new float[] {1, 2, 3}, 3), true);
            var y = Ops.floats(layer.apply(Ops.tensor(x, 1, 96)));
            var rounded = roundTrip(weights, 32);
            for (var out = 0; out < 3; out++) {
                double sum = out + 1;
                for (var i = 0; i < 96; i++) {
                    sum += rounded[out * 96 + i] * x[i];
                }
                assertThat((double) y[out])
                        .isCloseTo(sum, org.assertj.core.api.Assertions.within(1e-4));
            }
        }
    }
}
