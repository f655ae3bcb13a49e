package dev.reelrank.bench.sparse;

import static dev.reelrank.bench.sparse.AttentionTimes.HEAD;
import static dev.reelrank.bench.sparse.AttentionTimes.KEY_BLOCK;
import static dev.reelrank.bench.sparse.AttentionTimes.QUERY_BLOCK;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.bench.sparse.AttentionTimes.Inputs;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Noise;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.sparse.BlockMap;
import dev.reelrank.torch.sparse.BlockSelection;
import dev.reelrank.torch.sparse.LinearAttention;
import dev.reelrank.torch.sparse.SparseAttention;
import dev.reelrank.torch.sparse.SparseAttentionKernel;
import dev.reelrank.torch.sparse.SparseLinearKernels;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Block-sparse attention beside float32 on the CPU, whose mask is the map. */
final class AttentionCheck {
    private static final long TOKENS = 1000;
    private static final long HEADS = 3;
    private static final double SHARE = 0.3;

    /** Three rounded bits of queries, keys, values and weights of random numbers. */
    private static final double FLOAT8_ERROR = 0.08;

    private static final double BFLOAT16_ERROR = 0.01;
    private static final double FLOAT32_ERROR = 1e-5;

    /** A sum of exponentials may be this much more wrong than an output. */
    private static final double SUMS_PER_ERROR = 2;

    private final TorchDevice device;
    private final DType dtype;
    private final TorchDevice cpu = TorchDevice.cpu();

    AttentionCheck(TorchDevice device, DType dtype) {
        this.device = device;
        this.dtype = dtype;
    }

    /** One kernel. */
    void kernel(String name, SparseAttentionKernel kernel, ObjectNode check, ArrayNode missed) {
        try (var scope = TensorScope.open()) {
            Inputs in = inputs();
            compare(
                    check,
                    missed,
                    name,
                    name.equals(AttentionTimes.FLOAT8) ? FLOAT8_ERROR : BFLOAT16_ERROR,
                    kernel.apply(in.query(), in.key(), in.value(), map(device)),
                    wanted(in));
        }
    }

    private Inputs inputs() {
        return new Inputs(drawn(1), drawn(2), drawn(3));
    }

    private SparseAttention.Result wanted(Inputs in) {
        return SparseAttention.apply(wide(in.query()), wide(in.key()), wide(in.value()), map(cpu));
    }

    /**
     * libtorch's operations, and what chooses blocks and adds the linear branch.
     *
     * @param linear null without a GPU
     */
    void libtorch(@Nullable SparseLinearKernels linear, ObjectNode check, ArrayNode missed) {
        try (var scope = TensorScope.open()) {
            Inputs in = inputs();
            compare(
                    check,
                    missed,
                    "libtorch's operations",
                    dtype == DType.BFLOAT16 ? BFLOAT16_ERROR : FLOAT32_ERROR,
                    SparseAttention.apply(in.query(), in.key(), in.value(), map(device)),
                    wanted(in));
            if (linear == null) {
                check.put(AttentionTimes.KERNEL, "not run: no GPU");
            } else {
                checkLinear(check, missed, linear, in);
            }
        }
    }

    private void checkLinear(
            ObjectNode check, ArrayNode missed, SparseLinearKernels kernels, Inputs in) {
        Tensor q = wide(in.query());
        Tensor k = wide(in.key());
        Tensor v = wide(in.value());
        Tensor chosen = BlockSelection.topShare(q, k, SHARE, QUERY_BLOCK, KEY_BLOCK).blocks();
        Tensor found =
                kernels.topShare(in.query(), in.key(), SHARE, QUERY_BLOCK, KEY_BLOCK).blocks();
        double other =
                Ops.to(cpu.place(found, DType.INT32).ne(chosen), DType.FLOAT32)
                        .mean()
                        .item_double();
        check.put("selection kernels, other blocks", other);
        if (!(other < BFLOAT16_ERROR)) {
            missed.add("the selection kernels choose other blocks than float32 on the CPU");
        }
        Tensor to = Ops.zeros(device, dtype, 1, TOKENS, HEADS, HEAD).transpose(1, 2);
        Tensor weight = Ops.mul(Noise.normal(5, HEAD, HEAD), 1 / Math.sqrt((double) HEAD));
        Tensor bias = Noise.normal(6, HEAD);
        kernels.addLinear(
                to,
                in.query(),
                in.key(),
                in.value(),
                device.place(weight, dtype),
                device.place(bias, dtype));
        Tensor wanted = LinearAttention.apply(q, k, v).matmul(weight.transpose(0, 1)).add(bias);
        double error = error(to, wanted);
        check.put("linear kernels, relative error", error);
        if (!(error < BFLOAT16_ERROR)) {
            missed.add("the linear kernels differ from float32 on the CPU: do not use them");
        }
    }

    private void compare(
            ObjectNode check,
            ArrayNode missed,
            String what,
            double most,
            SparseAttention.Result found,
            SparseAttention.Result wanted) {
        double error = error(found.output(), wanted.output());
        double sums = wide(found.logSumExp()).sub(wanted.logSumExp()).abs().max().item_double();
        check.put(what + ", relative error", error);
        check.put(what + ", error of the log-sum-exp", sums);
        if (!(error < most) || !(sums < SUMS_PER_ERROR * most)) {
            missed.add(what + ": differs from float32 on the CPU, do not use it");
        }
    }

    private double error(Tensor found, Tensor wanted) {
        return wide(found).sub(wanted).norm().item_double() / wanted.norm().item_double();
    }

    private Tensor wide(Tensor x) {
        return cpu.place(x, DType.FLOAT32);
    }

    private Tensor drawn(long seed) {
        return device.place(Noise.normal(seed, 1, TOKENS, HEADS, HEAD), dtype).transpose(1, 2);
    }

    private static BlockMap map(TorchDevice where) {
        long columns = BlockMap.blocksOf(TOKENS, KEY_BLOCK);
        Tensor blocks =
                Noise.uniform(4, 0, 1, HEADS, BlockMap.blocksOf(TOKENS, QUERY_BLOCK), columns)
                        .topk(Math.round(SHARE * columns), -1, true, false)
                        .get1()
                        .sort(-1, false)
                        .get0();
        return BlockMap.even(where.place(blocks, DType.INT32).contiguous(), QUERY_BLOCK, KEY_BLOCK);
    }
}
