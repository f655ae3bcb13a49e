package dev.reelrank.qwen;

import dev.reelrank.torch.CudaKernels;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.RmsNorm;
import dev.reelrank.torch.TorchDevice;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One pass over memory each, by CUDA kernels compiled for the model's sizes: bfloat16 on a GPU. A
 * step of decoding has only microseconds of such work a layer, and most of them are launches.
 */
final class FusedMath implements DecoderMath {
    private static final int HEAD = 128;
    private static final int VECTOR = 8;
    private static final int MOST_THREADS = 512;
    private static final int HEADS_A_BLOCK = 8;
    private static final int GATE_THREADS = 128;
    private static final int BLOCKS_PER_PROCESSOR = 8;

    private final DecoderConfig config;
    private final TorchDevice device;
    private final CudaKernels kernels;
    private final int dimThreads;

    FusedMath(DecoderConfig config, TorchDevice device) {
        this.config = config;
        this.device = device;
        var vectors = config.hidden() / VECTOR;
        dimThreads = Math.min(MOST_THREADS, (vectors + 31) / 32 * 32);
        kernels =
                CudaKernels.compile(
                        device,
                        FusedMath.class,
                        "decoder.cu",
                        Map.of(
                                "DIM", (long) config.hidden(),
                                "DIM_THREADS", (long) dimThreads,
                                "DIM_VECTORS", (long) (vectors + dimThreads - 1) / dimThreads,
                                "FFN", (long) config.intermediate(),
                                "QUERIES", (long) config.heads(),
                                "SHARED", (long) config.keyValueHeads()));
    }

    /** Whether a model's sizes fit the kernels. */
    static boolean fits(DecoderConfig config) {
        return config.headNorms()
                && config.headDim() == HEAD
                && config.hidden() % VECTOR == 0
                && config.intermediate() % VECTOR == 0;
    }

    private int blocks(long wanted) {
        return kernels.blocks(wanted, BLOCKS_PER_PROCESSOR);
    }

    @Override
    public Tensor addNorm(Tensor x, @Nullable Tensor y, RmsNorm norm) {
        var rows = x.numel() / config.hidden();
        var out = Ops.empty(device, DType.BFLOAT16, x.shape());
        kernels.launch(
                "add_norm",
                blocks(rows),
                1,
                dimThreads,
                x,
                y == null ? null : y.contiguous(),
                norm.weight(),
                out,
                (int) rows,
                (float) norm.epsilon());
        return out;
    }

    @Override
    public Tensor turnHeads(Tensor parts, @Nullable Tensor scales, Rope.Turns turns) {
        var turned = config.heads() + (long) config.keyValueHeads();
        var out =
                Ops.empty(
                        device, DType.BFLOAT16, parts.size(0), parts.size(1), turned, (long) HEAD);
        var heads = parts.size(0) * parts.size(1) * turned;
        kernels.launch(
                "turn_heads",
                blocks((heads + HEADS_A_BLOCK - 1) / HEADS_A_BLOCK),
                1,
                HEADS_A_BLOCK * 32,
                parts,
                Objects.requireNonNull(scales, "the kernel norms every head"),
                turns.cos().contiguous(),
                turns.sin().contiguous(),
                out,
                (int) heads,
                (float) config.normEpsilon());
        return out;
    }

    @Override
    public Tensor gated(Tensor wide) {
        var rows = wide.size(0) * wide.size(1);
        var out =
                Ops.empty(
                        device,
                        DType.BFLOAT16,
                        wide.size(0),
                        wide.size(1),
                        (long) config.intermediate());
        kernels.launch(
                "gated",
                (config.intermediate() / VECTOR + GATE_THREADS - 1) / GATE_THREADS,
                (int) Math.min(rows, 65_535),
                GATE_THREADS,
                wide,
                out,
                (int) rows);
        return out;
    }

    @Override
    public void close() {
        kernels.close();
    }
}
