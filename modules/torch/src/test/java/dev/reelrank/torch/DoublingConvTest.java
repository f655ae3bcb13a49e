package dev.reelrank.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.junit.jupiter.api.Test;

final class DoublingConvTest {
    private static final long IN = 12;
    private static final long OUT = 8;

    private static double apart(DType dtype, Tensor x, long height, long width) {
        try (var parameters = new Parameters()) {
            var weights =
                    new Weights(new RepeatableTensors(), TorchDevice.cpu(), dtype, parameters)
                            .child("up");
            Tensor input = Ops.to(x, dtype).contiguous(MemoryFormat.ChannelsLast);
            Tensor doubled = DoublingConv.load(weights, IN, OUT, false).apply(input, height, width);
            Tensor small = DoublingConv.load(weights, IN, OUT, true).apply(input, height, width);
            assertThat(small.shape()).containsExactly(x.size(0), OUT, height, width);
            assertThat(small.is_contiguous(MemoryFormat.ChannelsLast)).isTrue();
            Tensor exact = Ops.to(doubled, DType.FLOAT32);
            return Ops.to(small, DType.FLOAT32).sub(exact).norm().item_float()
                    / exact.norm().item_float();
        }
    }

    @Test
    void shouldConvolveTheSmallPictureWithTheResultOfTheDoubledOne() {
        try (var scope = TensorScope.open()) {
            assertThat(apart(DType.FLOAT32, Noise.normal(1, 3, IN, 5, 7), 10, 14)).isLessThan(1e-6);
            assertThat(apart(DType.FLOAT32, Noise.normal(2, 1, IN, 1, 1), 2, 2)).isLessThan(1e-6);
            assertThat(apart(DType.BFLOAT16, Noise.normal(3, 2, IN, 6, 4), 12, 8))
                    .isCloseTo(0, within(0.01));
        }
    }

    @Test
    void shouldDoubleThePictureForAnOddSide() {
        try (var scope = TensorScope.open()) {
            assertThat(apart(DType.FLOAT32, Noise.normal(1, 2, IN, 5, 7), 9, 14)).isZero();
        }
    }
}
