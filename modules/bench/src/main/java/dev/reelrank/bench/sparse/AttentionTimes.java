package dev.reelrank.bench.sparse;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.pipeline.Device;
import dev.reelrank.torch.Attention;
import dev.reelrank.torch.AttentionBackend;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.sparse.BlockMap;
import dev.reelrank.torch.sparse.BlockSelection;
import dev.reelrank.torch.sparse.LinearAttention;
import dev.reelrank.torch.sparse.SparseAttention;
import dev.reelrank.torch.sparse.SparseAttentionKernel;
import dev.reelrank.torch.sparse.SparseLinearKernels;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Times of attention over random blocks of random numbers, and how exact the answers are. The
 * numbers are drawn where they are used: on a CPU, drawing them takes longer than everything else.
 */
public final class AttentionTimes implements AutoCloseable {
    static final long HEAD = 128;
    static final long QUERY_BLOCK = 128;
    static final long KEY_BLOCK = 64;

    /** What the kernel is called that the product uses. */
    static final String KERNEL = "kernel";

    /** What the kernel is called that rounds to float8. */
    static final String FLOAT8 = "kernel in float8";

    /** Above this, libtorch's operations take seconds at full size. */
    private static final double MOST_BY_LIBTORCH = 0.3;

    /** Triton's flex_attention at 10 % of the blocks on an H200, in milliseconds. */
    private static final double TRITON_TENTH = 27.7;

    /** What is aimed at there, in milliseconds. */
    private static final double BETTER_TENTH = 18;

    private static final double SELECTION_AND_LINEAR = 5;
    private static final double WHOLE_BESIDE_DENSE = 1.5;
    private static final double NANOS_PER_SECOND = 1e9;

    private final TorchDevice device;
    private final DType dtype;
    private final int heads;
    private final int tokens;
    private final int runs;
    private final Map<String, SparseAttentionKernel> kernels = new LinkedHashMap<>();
    private final Map<String, String> notCompiled = new LinkedHashMap<>();
    private final @Nullable SparseLinearKernels linear;
    private Runnable measured = () -> {};

    /**
     * @param runs of which the mean is taken, after one that is not counted
     */
    public AttentionTimes(Device where, int heads, int tokens, int runs) {
        device = TorchDevice.of(where);
        dtype = device.isCuda() ? DType.BFLOAT16 : DType.FLOAT32;
        this.heads = heads;
        this.tokens = tokens;
        this.runs = runs;
        if (!device.isCuda()) {
            linear = null;
            return;
        }
        device.makeCurrent();
        AttentionBackend.prefer(AttentionBackend.FASTEST_FIRST);
        linear = new SparseLinearKernels(device);
        compile(KERNEL, () -> new SparseAttentionKernel(device, QUERY_BLOCK, KEY_BLOCK));
        if (device.isHopper()) {
            compile(
                    "portable kernel",
                    () -> SparseAttentionKernel.portable(device, QUERY_BLOCK, KEY_BLOCK));
            compile(FLOAT8, () -> SparseAttentionKernel.float8(device, KEY_BLOCK));
        }
    }

    /** One that does not compile here does not end the measuring of the others. */
    private void compile(String name, Supplier<SparseAttentionKernel> kernel) {
        long begin = System.nanoTime();
        try {
            kernels.put(name, kernel.get());
        } catch (RuntimeException e) {
            notCompiled.put(name, reason(e));
        }
        System.err.printf(
                "%s: %.1f s to compile%n", name, (System.nanoTime() - begin) / NANOS_PER_SECOND);
    }

    private static String reason(RuntimeException e) {
        return String.valueOf(e.getMessage()).strip().lines().findFirst().orElse("");
    }

    /** Three tensors to attend with. */
    record Inputs(Tensor query, Tensor key, Tensor value) {}

    /**
     * Measures, and puts {@code check}, {@code times} and {@code missed} among the figures.
     *
     * @param keep shares of the key blocks, above 0 and at most 1
     * @param measured called whenever there are new figures, for a call that is killed
     */
    public void measure(List<Double> keep, ObjectNode figures, Runnable measured) {
        this.measured = measured;
        ArrayNode missed = figures.putArray("missed");
        notCompiled.forEach((name, why) -> missed.add(name + ": not compiled, " + why));
        ObjectNode check = figures.putObject("check");
        ArrayNode times = figures.putArray("times");
        var checks = new AttentionCheck(device, dtype);
        check(missed, () -> checks.libtorch(linear, check, missed));
        for (var kernel : kernels.entrySet()) {
            check(missed, () -> checks.kernel(kernel.getKey(), kernel.getValue(), check, missed));
        }
        try (var scope = TensorScope.open()) {
            Inputs in = new Inputs(drawn(), drawn(), drawn());
            double dense =
                    time(
                            times,
                            "dense",
                            1,
                            runs,
                            () -> Attention.apply(in.query, in.key, in.value));
            Map<Double, BlockMap> maps = new LinkedHashMap<>();
            keep.forEach(share -> maps.put(share, random(share)));
            // What the product uses comes first, for a call that is killed.
            timeKernel(KERNEL, times, missed, maps, in, dense);
            timeBranches(times, missed, in);
            timeLibtorch(times, missed, maps, in, dense);
            for (String name : kernels.keySet()) {
                if (!name.equals(KERNEL)) {
                    timeKernel(name, times, missed, maps, in, dense);
                }
            }
        }
        measured.run();
    }

    private void check(ArrayNode missed, Runnable check) {
        try {
            check.run();
        } catch (RuntimeException e) {
            missed.add("a check did not end: " + reason(e));
        }
        measured.run();
    }

    private void timeLibtorch(
            ArrayNode times,
            ArrayNode missed,
            Map<Double, BlockMap> maps,
            Inputs in,
            double dense) {
        for (var map : maps.entrySet()) {
            double share = map.getKey();
            if (share > MOST_BY_LIBTORCH && device.isCuda()) {
                continue;
            }
            double plain =
                    time(
                            times,
                            "sparse, libtorch's operations",
                            map.getValue().kept(tokens),
                            device.isCuda() ? 1 : runs,
                            () ->
                                    SparseAttention.apply(
                                                    in.query, in.key, in.value, map.getValue())
                                            .output());
            if (!device.isCuda() && share <= MOST_BY_LIBTORCH && plain > dense) {
                missed.add("%.0f %% of the blocks take longer than all".formatted(100 * share));
            }
        }
    }

    private void timeKernel(
            String name,
            ArrayNode times,
            ArrayNode missed,
            Map<Double, BlockMap> maps,
            Inputs in,
            double dense) {
        SparseAttentionKernel kernel = kernels.get(name);
        if (kernel == null) {
            return;
        }
        for (var map : maps.entrySet()) {
            double own =
                    time(
                            times,
                            "sparse, " + name,
                            map.getValue().kept(tokens),
                            runs,
                            () ->
                                    kernel.apply(in.query, in.key, in.value, map.getValue())
                                            .output());
            if (name.equals(KERNEL)) {
                judge(missed, map.getKey(), own, dense);
            }
        }
    }

    private void timeBranches(ArrayNode times, ArrayNode missed, Inputs in) {
        time(
                times,
                "selection of blocks by their means",
                0.1,
                runs,
                () ->
                        BlockSelection.topShare(in.query, in.key, 0.1, QUERY_BLOCK, KEY_BLOCK)
                                .blocks());
        time(
                times,
                "selection by the share of the softmax",
                0.9,
                runs,
                () ->
                        BlockSelection.softmaxShare(in.query, in.key, 0.9, QUERY_BLOCK, KEY_BLOCK)
                                .blocks());
        time(
                times,
                "linear branch",
                1,
                runs,
                () -> LinearAttention.apply(in.query, in.key, in.value));
        if (linear == null) {
            return;
        }
        double selection =
                time(
                        times,
                        "selection of blocks by their means, kernels",
                        0.1,
                        runs,
                        () ->
                                linear.topShare(in.query, in.key, 0.1, QUERY_BLOCK, KEY_BLOCK)
                                        .blocks());
        Tensor to = Ops.zeros(device, dtype, 1, tokens, heads, HEAD).transpose(1, 2);
        Tensor weight = torch.randn(new long[] {HEAD, HEAD}, device.options(dtype));
        Tensor bias = torch.randn(new long[] {HEAD}, device.options(dtype));
        double branch =
                time(
                        times,
                        "linear branch and its projection, kernels",
                        1,
                        runs,
                        () -> {
                            linear.addLinear(to, in.query, in.key, in.value, weight, bias);
                            return to;
                        });
        if (selection + branch > SELECTION_AND_LINEAR) {
            missed.add(
                    "selection and linear branch take %.1f ms together, the goal is %.0f"
                            .formatted(selection + branch, SELECTION_AND_LINEAR));
        }
    }

    private static void judge(ArrayNode missed, double share, double own, double dense) {
        if (share == 0.1 && own > TRITON_TENTH) {
            missed.add(
                    "10 %% of the blocks take %.1f ms, Triton's flex_attention %.1f on an H200"
                            .formatted(own, TRITON_TENTH));
        }
        if (share == 0.1 && own > BETTER_TENTH) {
            missed.add(
                    "10 %% of the blocks take %.1f ms, the goal is %.0f"
                            .formatted(own, BETTER_TENTH));
        }
        if (share == 1 && own > WHOLE_BESIDE_DENSE * dense) {
            missed.add(
                    "all blocks take %.2f times what dense attention takes, the goal is %.1f"
                            .formatted(own / dense, WHOLE_BESIDE_DENSE));
        }
    }

    /** As a linear layer gives it: a token's heads side by side. */
    private Tensor drawn() {
        return torch.randn(new long[] {1, tokens, heads, HEAD}, device.options(dtype))
                .transpose(1, 2);
    }

    private BlockMap random(double share) {
        long rows = BlockMap.blocksOf(tokens, QUERY_BLOCK);
        long columns = BlockMap.blocksOf(tokens, KEY_BLOCK);
        long width = Math.max(1, Math.round(share * columns));
        Tensor list =
                TensorScope.compute(
                        () ->
                                Ops.to(
                                                torch.rand(
                                                                new long[] {heads, rows, columns},
                                                                device.options(DType.FLOAT32))
                                                        .topk(width, -1, true, false)
                                                        .get1()
                                                        .sort(-1, false)
                                                        .get0(),
                                                DType.INT32)
                                        .contiguous());
        return BlockMap.even(list, QUERY_BLOCK, KEY_BLOCK);
    }

    private interface Work {
        Tensor run();
    }

    /**
     * Milliseconds, also as a row; a row that fails says why, and the others are measured.
     *
     * @return not a number if it failed
     */
    private double time(ArrayNode times, String what, double kept, int counted, Work work) {
        ObjectNode row = times.addObject().put("what", what).put("kept", kept);
        double millis = Double.NaN;
        try {
            millis = milliseconds(counted, work);
            row.put("milliseconds", millis);
        } catch (RuntimeException e) {
            row.put("failed", reason(e));
        }
        System.err.printf("%s, %.1f %%: %.2f ms%n", what, 100 * kept, millis);
        measured.run();
        return millis;
    }

    private double milliseconds(int counted, Work work) {
        TensorScope.run(work::run);
        device.synchronize();
        long begin = System.nanoTime();
        for (int i = 0; i < counted; i++) {
            TensorScope.run(work::run);
        }
        device.synchronize();
        return (System.nanoTime() - begin) / 1e6 / counted;
    }

    @Override
    public void close() {
        kernels.values().forEach(SparseAttentionKernel::close);
        if (linear != null) {
            linear.close();
        }
    }
}
