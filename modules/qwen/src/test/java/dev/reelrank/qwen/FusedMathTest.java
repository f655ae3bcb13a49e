package dev.reelrank.qwen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.reelrank.pipeline.Device;
import dev.reelrank.testsupport.RelativeError;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.RandomTensors;
import dev.reelrank.torch.RmsNorm;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.TorchRuntime;
import dev.reelrank.torch.Weights;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** The kernels against libtorch's own operations; only where there is a GPU. */
class FusedMathTest {
    private static final DecoderConfig CONFIG =
            new DecoderConfig(
                    64, 512, 1536, 1, 4, 2, 128, 1e-6, 5e6, List.of(24, 20, 20), false, 64, false);

    /** Two roundings to bfloat16 that fall on different sides. */
    private static final double TWO_LAST_BITS = 0.01;

    @Test
    void shouldAgreeWithPlainMathToTheLastBitsOfBfloat16() {
        assumeTrue(TorchRuntime.cudaAvailable(), "no GPU here");
        var device = TorchDevice.of(new Device(0));
        try (var parameters = new Parameters();
                var scope = TensorScope.open();
                var random = new RandomTensors(1);
                var fused = new FusedMath(CONFIG, device)) {
            var plain = new PlainMath(CONFIG);
            var norm =
                    RmsNorm.load(
                            new Weights(random, device, DType.BFLOAT16, parameters), 512, 1e-6);
            for (var rows : new long[] {1, 9, 3000}) {
                var x = draw(random, device, 1, rows, 512);
                var y = draw(random, device, 1, rows, 512);
                var ours = new Tensor(x.clone());
                same(fused.addNorm(ours, y, norm), plain.addNorm(x, y, norm));
                same(ours, x);
                same(fused.addNorm(ours, null, norm), plain.addNorm(x, null, norm));
                var parts = draw(random, device, 1, rows, 8, 128);
                var scales = draw(random, device, 6, 128);
                var turns =
                        new Rope.Turns(
                                draw(random, device, 1, rows, 1, 128),
                                draw(random, device, 1, rows, 1, 128));
                same(fused.turnHeads(parts, scales, turns), plain.turnHeads(parts, scales, turns));
                var wide = draw(random, device, 1, rows, 3072);
                same(fused.gated(wide), plain.gated(wide));
            }
        }
    }

    private static Tensor draw(RandomTensors random, TorchDevice device, long... shape) {
        return random.read("any", device, DType.BFLOAT16, shape);
    }

    private static void same(Tensor ours, Tensor theirs) {
        assertThat(ours.shape()).isEqualTo(theirs.shape());
        assertThat(RelativeError.of(Ops.floats(ours), Ops.floats(theirs)))
                .isLessThan(TWO_LAST_BITS);
    }
}
