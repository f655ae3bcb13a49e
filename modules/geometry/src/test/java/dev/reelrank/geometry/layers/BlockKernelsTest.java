package dev.reelrank.geometry.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.reelrank.pipeline.Device;
import dev.reelrank.testsupport.RelativeError;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.LayerNorm;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.RandomTensors;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.TorchRuntime;
import dev.reelrank.torch.Weights;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class BlockKernelsTest {
    private static final int DIM = 1024;
    private static final int HEADS = 16;
    private static final int HEAD = DIM / HEADS;
    private static final int SPECIAL = 5;

    /** libtorch's operations round to bfloat16 once in between. */
    private static final double TWO_LAST_BITS = 0.01;

    @Test
    void shouldNotBeThereOnACpu() {
        assertThat(BlockKernels.where(TorchDevice.cpu(), DType.BFLOAT16, DIM, HEADS)).isNull();
    }

    @Test
    void shouldAgreeWithPlainOperationsToTheLastBitsOfBfloat16() {
        assumeTrue(TorchRuntime.cudaAvailable(), "no GPU here");
        var device = TorchDevice.of(new Device(0));
        try (var parameters = new Parameters();
                var scope = TensorScope.open();
                var random = new RandomTensors(1);
                var kernels =
                        Objects.requireNonNull(
                                BlockKernels.where(device, DType.BFLOAT16, DIM, HEADS))) {
            var weights = new Weights(random, device, DType.BFLOAT16, parameters);
            var queries = LayerNorm.load(weights.child("q"), HEAD, 1e-5);
            var keys = LayerNorm.load(weights.child("k"), HEAD, 1e-5);
            var positions = RotaryGrid.of(5, 7, SPECIAL, HEAD, device);
            Tensor all = random.read("any", device, DType.BFLOAT16, 3, SPECIAL + 5 * 7, 3L * DIM);
            Tensor turned = new Tensor(all.clone());
            kernels.turn(turned, queries, keys, positions);
            same(part(turned, 0), positions.apply(queries.apply(part(all, 0))));
            same(part(turned, 1), positions.apply(keys.apply(part(all, 1))));
            assertThat(Ops.floats(part(turned, 2))).isEqualTo(Ops.floats(part(all, 2)));
        }
    }

    @Test
    void shouldAddAndNormaliseAsPlainOperationsDo() {
        assumeTrue(TorchRuntime.cudaAvailable(), "no GPU here");
        var device = TorchDevice.of(new Device(0));
        try (var parameters = new Parameters();
                var scope = TensorScope.open();
                var random = new RandomTensors(1);
                var kernels =
                        Objects.requireNonNull(
                                BlockKernels.where(device, DType.BFLOAT16, DIM, HEADS))) {
            var weights = new Weights(random, device, DType.FLOAT32, parameters);
            var norm = LayerNorm.load(weights.child("norm"), DIM, 1e-6);
            Tensor scale = weights.take("scale", DIM);
            for (long tokens : new long[] {1, 7, 1000}) {
                Tensor x = random.read("any", device, DType.FLOAT32, 2, tokens, DIM);
                Tensor change = random.read("any", device, DType.BFLOAT16, 2, tokens, DIM);
                var scaled = kernels.addNorm(x, change, scale, norm);
                Tensor sum = torch.addcmul(x, change, scale);
                same(scaled.tokens(), sum);
                same(scaled.normed(), norm.apply(sum));
                var plain = kernels.addNorm(x, change, null, norm);
                same(plain.tokens(), x.add(change));
                same(plain.normed(), norm.apply(x.add(change)));
                same(kernels.norm(x, norm), norm.apply(x));
            }
        }
    }

    private static Tensor part(Tensor all, int index) {
        return all.reshape(all.size(0), all.size(1), 3, HEADS, HEAD)
                .permute(2, 0, 3, 1, 4)
                .select(0, index);
    }

    private static void same(Tensor ours, Tensor theirs) {
        assertThat(RelativeError.of(Ops.floats(ours), Ops.floats(theirs)))
                .isLessThan(TWO_LAST_BITS);
    }
}
