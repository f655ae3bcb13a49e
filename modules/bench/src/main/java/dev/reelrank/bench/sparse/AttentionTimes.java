package dev.reelrank.bench.sparse;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.pipeline.Device;
import dev.reelrank.torch.Attention;
import dev.reelrank.torch.AttentionBackend;
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
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Times of attention over random blocks of random numbers, and how exact the answers are. */
public final class AttentionTimes implements AutoCloseable {
    private static final long HEAD = 128;
    private static final long QUERY_BLOCK = 128;
    private static final long KEY_BLOCK = 64;
    private static final long CHECKED_TOKENS = 1000;
    private static final long CHECKED_HEADS = 3;
    private static final double CHECKED_SHARE = 0.3;

    /** Three rounded bits of queries, keys, values and weights of random numbers. */
    private static final double FLOAT8_ERROR = 0.08;

    /** A sum of exponentials may be this much more wrong than an output. */
    private static final double SUMS_PER_ERROR = 2;

    /** Triton's flex_attention at 10 % of the blocks on an H200, in milliseconds. */
    private static final double TRITON_TENTH = 27.7;

    private static final double SELECTION_AND_LINEAR = 5;
    private static final double WHOLE_BESIDE_DENSE = 1.5;

    private final TorchDevice device;
    private final DType dtype;
    private final int heads;
    private final int tokens;
    private final int runs;
    private final @Nullable SparseAttentionKernel kernel;

    /** Where the GPU has a kernel of its own: the one for all others. */
    private final @Nullable SparseAttentionKernel portable;

    private final @Nullable SparseAttentionKernel float8;

    private final @Nullable SparseLinearKernels linear;

    /**
     * @param runs of which the mean is taken, after one that is not counted
     */
    public AttentionTimes(Device where, int heads, int tokens, int runs) {
        device = TorchDevice.of(where);
        dtype = device.isCuda() ? DType.BFLOAT16 : DType.FLOAT32;
        this.heads = heads;
        this.tokens = tokens;
        this.runs = runs;
        if (device.isCuda()) {
            device.makeCurrent();
            AttentionBackend.prefer(AttentionBackend.FASTEST_FIRST);
        }
        kernel = device.isCuda() ? new SparseAttentionKernel(device, QUERY_BLOCK, KEY_BLOCK) : null;
        portable =
                device.isHopper()
                        ? SparseAttentionKernel.portable(device, QUERY_BLOCK, KEY_BLOCK)
                        : null;
        float8 = device.isHopper() ? SparseAttentionKernel.float8(device, KEY_BLOCK) : null;
        linear = device.isCuda() ? new SparseLinearKernels(device) : null;
    }

    /** Three tensors to attend with. */
    private record Inputs(Tensor query, Tensor key, Tensor value) {}

    /**
     * Measures, and puts {@code check}, {@code times} and {@code missed} among the figures.
     *
     * @param keep shares of the key blocks, above 0 and at most 1
     */
    public void measure(List<Double> keep, ObjectNode figures) {
        ArrayNode missed = figures.arrayNode();
        check(figures.putObject("check"), missed);
        ArrayNode times = figures.putArray("times");
        try (var scope = TensorScope.open()) {
            Inputs in = inputs(heads, tokens);
            double dense =
                    time(times, "dense", 1, () -> Attention.apply(in.query, in.key, in.value));
            for (double share : keep) {
                BlockMap map = random(heads, tokens, share);
                double kept = map.kept(tokens);
                double plain =
                        time(
                                times,
                                "sparse, libtorch's operations",
                                kept,
                                () ->
                                        SparseAttention.apply(in.query, in.key, in.value, map)
                                                .output());
                if (kernel != null) {
                    double own =
                            time(
                                    times,
                                    "sparse, kernel",
                                    kept,
                                    () -> kernel.apply(in.query, in.key, in.value, map).output());
                    judge(missed, share, own, dense);
                    timeOthers(times, in, map, kept);
                } else if (share <= 0.3 && plain > dense) {
                    missed.add("%.0f %% of the blocks take longer than all".formatted(100 * share));
                }
            }
            double selection =
                    time(
                            times,
                            "selection of blocks by their means",
                            0.1,
                            () ->
                                    BlockSelection.topShare(
                                                    in.query, in.key, 0.1, QUERY_BLOCK, KEY_BLOCK)
                                            .blocks());
            time(
                    times,
                    "selection by the share of the softmax",
                    0.9,
                    () ->
                            BlockSelection.softmaxShare(
                                            in.query, in.key, 0.9, QUERY_BLOCK, KEY_BLOCK)
                                    .blocks());
            double branch =
                    time(
                            times,
                            "linear branch",
                            1,
                            () -> LinearAttention.apply(in.query, in.key, in.value));
            if (linear != null) {
                selection = own(times, linear, in);
                branch = branch(times, linear, in);
            }
            if (device.isCuda() && selection + branch > SELECTION_AND_LINEAR) {
                missed.add(
                        "selection and linear branch take %.1f ms together, the goal is %.0f"
                                .formatted(selection + branch, SELECTION_AND_LINEAR));
            }
        }
        figures.set("missed", missed);
    }

    /** In float8, rounding included, and what GPUs without kernels of their own would run. */
    private void timeOthers(ArrayNode times, Inputs in, BlockMap map, double kept) {
        if (float8 != null) {
            time(
                    times,
                    "sparse, kernel in float8",
                    kept,
                    () -> float8.apply(in.query, in.key, in.value, map).output());
        }
        if (portable != null) {
            time(
                    times,
                    "sparse, portable kernel",
                    kept,
                    () -> portable.apply(in.query, in.key, in.value, map).output());
        }
    }

    private double own(ArrayNode times, SparseLinearKernels kernels, Inputs in) {
        return time(
                times,
                "selection of blocks by their means, kernels",
                0.1,
                () -> kernels.topShare(in.query, in.key, 0.1, QUERY_BLOCK, KEY_BLOCK).blocks());
    }

    private double branch(ArrayNode times, SparseLinearKernels kernels, Inputs in) {
        Tensor to = zeros(in.query);
        Tensor weight = projection();
        Tensor bias = bias();
        return time(
                times,
                "linear branch and its projection, kernels",
                1,
                () -> {
                    kernels.addLinear(to, in.query, in.key, in.value, weight, bias);
                    return to;
                });
    }

    /** Of a query's shape, a token's heads side by side. */
    private Tensor zeros(Tensor query) {
        return Ops.zeros(device, dtype, 1, query.size(2), query.size(1), HEAD).transpose(1, 2);
    }

    private Tensor projection() {
        return Ops.mul(device.place(Noise.normal(5, HEAD, HEAD), dtype), 1 / Math.sqrt(HEAD));
    }

    private Tensor bias() {
        return device.place(Noise.normal(6, HEAD), dtype);
    }

    private static void judge(ArrayNode missed, double share, double own, double dense) {
        if (share == 0.1 && own > TRITON_TENTH) {
            missed.add(
                    "10 %% of the blocks take %.1f ms, Triton's flex_attention %.1f on an H200"
                            .formatted(own, TRITON_TENTH));
        }
        if (share == 1 && own > WHOLE_BESIDE_DENSE * dense) {
            missed.add(
                    "all blocks take %.2f times what dense attention takes, the goal is %.1f"
                            .formatted(own / dense, WHOLE_BESIDE_DENSE));
        }
    }

    /** Beside dense attention in float32 on the CPU, whose mask is the map. */
    private void check(ObjectNode check, ArrayNode missed) {
        try (var scope = TensorScope.open()) {
            Inputs in = inputs(CHECKED_HEADS, CHECKED_TOKENS);
            BlockMap map = random(CHECKED_HEADS, CHECKED_TOKENS, 0.3);
            var cpu = TorchDevice.cpu();
            var wanted =
                    SparseAttention.apply(
                            cpu.place(in.query, DType.FLOAT32),
                            cpu.place(in.key, DType.FLOAT32),
                            cpu.place(in.value, DType.FLOAT32),
                            new BlockMap(
                                    cpu.place(map.blocks(), DType.INT32),
                                    cpu.place(map.counts(), DType.INT32),
                                    QUERY_BLOCK,
                                    KEY_BLOCK));
            double most = dtype == DType.BFLOAT16 ? 0.01 : 1e-5;
            compare(
                    check,
                    missed,
                    "libtorch's operations",
                    most,
                    SparseAttention.apply(in.query, in.key, in.value, map),
                    wanted);
            if (kernel != null) {
                compare(
                        check,
                        missed,
                        "kernel",
                        most,
                        kernel.apply(in.query, in.key, in.value, map),
                        wanted);
            } else {
                check.put("kernel", "not run: no GPU");
            }
            if (portable != null) {
                compare(
                        check,
                        missed,
                        "portable kernel",
                        most,
                        portable.apply(in.query, in.key, in.value, map),
                        wanted);
            }
            if (float8 != null) {
                compare(
                        check,
                        missed,
                        "kernel in float8",
                        FLOAT8_ERROR,
                        float8.apply(in.query, in.key, in.value, map),
                        wanted);
            }
            if (linear != null) {
                checkLinear(check, missed, linear, in);
            }
        }
    }

    private void checkLinear(
            ObjectNode check, ArrayNode missed, SparseLinearKernels kernels, Inputs in) {
        var cpu = TorchDevice.cpu();
        Tensor q = cpu.place(in.query, DType.FLOAT32);
        Tensor k = cpu.place(in.key, DType.FLOAT32);
        Tensor v = cpu.place(in.value, DType.FLOAT32);
        Tensor chosen =
                BlockSelection.topShare(q, k, CHECKED_SHARE, QUERY_BLOCK, KEY_BLOCK).blocks();
        Tensor found =
                kernels.topShare(in.query, in.key, CHECKED_SHARE, QUERY_BLOCK, KEY_BLOCK).blocks();
        double other =
                1
                        - Ops.to(cpu.place(found, DType.INT32).eq(chosen), DType.FLOAT32)
                                .mean()
                                .item_double();
        check.put("selection kernels, other blocks", other);
        if (!(other < 0.01)) {
            missed.add("the selection kernels choose other blocks than float32 on the CPU");
        }
        Tensor to = zeros(in.query);
        Tensor weight = projection();
        Tensor bias = bias();
        kernels.addLinear(to, in.query, in.key, in.value, weight, bias);
        Tensor wanted =
                LinearAttention.apply(q, k, v)
                        .matmul(cpu.place(weight, DType.FLOAT32).transpose(0, 1))
                        .add(cpu.place(bias, DType.FLOAT32));
        double error = error(cpu.place(to, DType.FLOAT32), wanted);
        check.put("linear kernels, relative error", error);
        if (!(error < 0.01)) {
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
        var cpu = TorchDevice.cpu();
        double error = error(cpu.place(found.output(), DType.FLOAT32), wanted.output());
        double sums =
                cpu.place(found.logSumExp(), DType.FLOAT32)
                        .sub(wanted.logSumExp())
                        .abs()
                        .max()
                        .item_double();
        check.put(what + ", relative error", error);
        check.put(what + ", error of the log-sum-exp", sums);
        if (!(error < most) || !(sums < SUMS_PER_ERROR * most)) {
            missed.add(what + " differ from float32 on the CPU: do not use them");
        }
    }

    private static double error(Tensor found, Tensor wanted) {
        return found.sub(wanted).norm().item_double() / wanted.norm().item_double();
    }

    private Inputs inputs(long of, long count) {
        return new Inputs(drawn(1, of, count), drawn(2, of, count), drawn(3, of, count));
    }

    /** As a linear layer gives it: a token's heads side by side. */
    private Tensor drawn(long seed, long of, long count) {
        return device.place(Noise.normal(seed, 1, count, of * HEAD), dtype)
                .view(1, count, of, HEAD)
                .transpose(1, 2);
    }

    private BlockMap random(long of, long count, double share) {
        long rows = BlockMap.blocksOf(count, QUERY_BLOCK);
        long columns = BlockMap.blocksOf(count, KEY_BLOCK);
        long width = Math.max(1, Math.round(share * columns));
        Tensor blocks =
                Noise.uniform(4, 0, 1, of, rows, columns)
                        .topk(width, -1, true, false)
                        .get1()
                        .sort(-1, false)
                        .get0();
        return BlockMap.even(
                device.place(blocks, DType.INT32).contiguous(), QUERY_BLOCK, KEY_BLOCK);
    }

    private interface Work {
        Tensor run();
    }

    private double time(ArrayNode times, String what, double kept, Work work) {
        TensorScope.run(work::run);
        device.synchronize();
        long begin = System.nanoTime();
        for (int i = 0; i < runs; i++) {
            TensorScope.run(work::run);
        }
        device.synchronize();
        double millis = (System.nanoTime() - begin) / 1e6 / runs;
        times.addObject().put("what", what).put("kept", kept).put("milliseconds", millis);
        System.err.printf("%s, %.1f %%: %.2f ms%n", what, 100 * kept, millis);
        return millis;
    }

    @Override
    public void close() {
        if (kernel != null) {
            kernel.close();
        }
        if (portable != null) {
            portable.close();
        }
        if (float8 != null) {
            float8.close();
        }
        if (linear != null) {
            linear.close();
        }
    }
}
