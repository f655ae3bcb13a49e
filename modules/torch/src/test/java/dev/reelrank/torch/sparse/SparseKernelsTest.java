package dev.reelrank.torch.sparse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Noise;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.TorchRuntime;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The CUDA kernels beside libtorch's operations in float32; on a GPU, where there is one. */
final class SparseKernelsTest {
    private static final long HEAD = 128;

    private final TorchDevice cpu = TorchDevice.cpu();

    @Test
    void shouldRefuseTheCpu() {
        refused(() -> new SparseAttentionKernel(cpu, 128, 64).close(), "8.0");
        refused(() -> SparseAttentionKernel.float8(cpu, 64).close(), "9.0");
        refused(() -> new SparseLinearKernels(cpu).close(), "8.0");
    }

    private static void refused(ThrowingCallable call, String word) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.INVALID_CONFIG))
                .hasMessageContaining(word);
    }

    @ParameterizedTest
    @CsvSource({
        "128, 64, true",
        "64, 64, true",
        "128, 192, true",
        "32, 64, false",
        "128, 32, false",
        "128, 96, false"
    })
    void shouldKnowWhichBlocksThereAreKernelsFor(long queries, long keys, boolean known) {
        try (var scope = TensorScope.open()) {
            Tensor kept = torch.ones(1, 2, 3).gt(new Scalar(0.0));
            assertThat(SparseAttentionKernel.hasBlocks(BlockMap.of(kept, queries, keys)))
                    .isEqualTo(known);
        }
    }

    @ParameterizedTest
    @CsvSource({"300, 128, 64", "300, 64, 64", "1000, 128, 128", "1345, 128, 64"})
    void shouldComputeOnAGpuAsOnTheCpu(long tokens, long queryBlock, long keyBlock) {
        TorchDevice gpu = gpu();
        try (var scope = TensorScope.open();
                var own = new SparseAttentionKernel(gpu, queryBlock, keyBlock);
                var portable = SparseAttentionKernel.portable(gpu, queryBlock, keyBlock)) {
            Tensor[] on = inputs(gpu, tokens);
            Tensor kept = kept(tokens, queryBlock, keyBlock);
            var map = BlockMap.of(kept, queryBlock, keyBlock);
            var wanted = SparseAttention.apply(wide(on[0]), wide(on[1]), wide(on[2]), map);
            var there = BlockMap.of(gpu.place(kept, DType.BOOL), queryBlock, keyBlock);
            for (var kernel : List.of(own, portable)) {
                var found = kernel.apply(on[0], on[1], on[2], there);
                assertThat(error(found.output(), wanted.output())).isLessThan(0.01);
                assertThat(
                                wide(found.logSumExp())
                                        .sub(wanted.logSumExp())
                                        .nan_to_num()
                                        .abs()
                                        .max()
                                        .item_double())
                        .isLessThan(0.01);
            }
            if (SparseAttentionKernel.hasFloat8(gpu, there)) {
                try (var kernel = SparseAttentionKernel.float8(gpu, keyBlock)) {
                    var found = kernel.apply(on[0], on[1], on[2], there);
                    assertThat(error(found.output(), wanted.output())).isLessThan(0.08);
                }
            }
        }
    }

    @Test
    void shouldChooseBlocksAndAddTheLinearBranchAsOnTheCpu() {
        TorchDevice gpu = gpu();
        try (var scope = TensorScope.open();
                var kernels = new SparseLinearKernels(gpu)) {
            Tensor[] on = inputs(gpu, 1000);
            Tensor q = wide(on[0]);
            Tensor k = wide(on[1]);
            Tensor v = wide(on[2]);
            Tensor chosen = BlockSelection.topShare(q, k, 0.3, 128, 64).blocks();
            Tensor found = kernels.topShare(on[0], on[1], 0.3, 128, 64).blocks();
            assertThat(cpu.place(found, DType.INT32).ne(chosen).sum().item_long()).isZero();
            Tensor weight = Noise.normal(8, HEAD, HEAD);
            Tensor bias = Noise.normal(9, HEAD);
            Tensor to = gpu.place(Noise.normal(7, 1, 1000, 3, HEAD), DType.BFLOAT16);
            Tensor wanted =
                    wide(to).transpose(1, 2)
                            .add(
                                    LinearAttention.apply(q, k, v)
                                            .matmul(weight.transpose(0, 1))
                                            .add(bias));
            Tensor changed = to.transpose(1, 2);
            kernels.addLinear(
                    changed,
                    on[0],
                    on[1],
                    on[2],
                    gpu.place(weight, DType.FLOAT32),
                    gpu.place(bias, DType.FLOAT32));
            assertThat(error(changed, wanted)).isLessThan(0.01);
        }
    }

    /** Skips the test where there is none; a plain test run has libtorch without CUDA. */
    private static TorchDevice gpu() {
        assumeTrue(TorchRuntime.cudaAvailable(), "no GPU here");
        TorchDevice gpu = TorchDevice.of(Device.parse("cuda:0"));
        assumeTrue(gpu.hasOwnKernels(), "a GPU before 8.0");
        return gpu;
    }

    private static Tensor[] inputs(TorchDevice device, long tokens) {
        Tensor[] all = new Tensor[3];
        for (int i = 0; i < 3; i++) {
            all[i] =
                    device.place(Noise.normal(i + 1, 1, tokens, 3, HEAD), DType.BFLOAT16)
                            .transpose(1, 2);
        }
        return all;
    }

    private static Tensor kept(long tokens, long queryBlock, long keyBlock) {
        long rows = BlockMap.blocksOf(tokens, queryBlock);
        long columns = BlockMap.blocksOf(tokens, keyBlock);
        Tensor kept = Noise.uniform(5, 0, 1, 3, rows, columns).lt(new Scalar(0.4));
        kept.select(0, 1).select(0, 0).fill_(new Scalar(0));
        return kept;
    }

    private Tensor wide(Tensor x) {
        return cpu.place(x, DType.FLOAT32);
    }

    private double error(Tensor found, Tensor wanted) {
        return wide(found).sub(wanted).norm().item_double() / wanted.norm().item_double();
    }
}
