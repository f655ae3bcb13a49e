package dev.reelrank.torch.sparse;

import dev.reelrank.torch.CudaKernels;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TorchDevice;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Queries, keys and values in float8 e4m3 with one scale a head, as the Hopper kernel takes them
 * ({@code float8.cu}). Head size 128.
 */
final class Float8Heads implements AutoCloseable {
    private static final int HEAD = 128;
    private static final int THREADS = 256;

    /** Values are padded to whole parts of this many keys. */
    private static final long PART = 64;

    /** Blocks per multiprocessor: each has a few thousand bytes in flight. */
    private static final int PER_PROCESSOR = 8;

    private final TorchDevice device;
    private final CudaKernels kernels;

    Float8Heads(TorchDevice device) {
        this.device = device;
        kernels = CudaKernels.compile(device, Float8Heads.class, "float8.cu", Map.of());
    }

    /**
     * What the kernel multiplies.
     *
     * @param query float8, shape (1, heads, tokens, 128), a token's heads side by side
     * @param key like query
     * @param value float8, shape (1, heads, 128, keys): each dimension's keys side by side, those
     *     of every 16 in the order of the kernel's registers; zeros after the last one
     * @param scoreUnits float32, shape (heads): what one unit of a product of query and key is
     * @param valueUnits float32, shape (heads): what one unit of a value is
     */
    record Rounded(Tensor query, Tensor key, Tensor value, Tensor scoreUnits, Tensor valueUnits) {}

    /** All bfloat16, shapes (1, heads, tokens, 128). */
    Rounded round(Tensor query, Tensor key, Tensor value) {
        long heads = query.size(1);
        Tensor most = Ops.zeros(device, DType.FLOAT32, 3, heads);
        most(query, most.select(0, 0));
        most(key, most.select(0, 1));
        most(value, most.select(0, 2));
        Tensor scoreUnits = Ops.empty(device, DType.FLOAT32, heads);
        Tensor valueUnits = Ops.empty(device, DType.FLOAT32, heads);
        kernels.launch(
                "units",
                (int) BlockMap.blocksOf(heads, THREADS),
                1,
                THREADS,
                most,
                scoreUnits,
                valueUnits,
                (int) heads);
        return new Rounded(
                rows(query, most.select(0, 0)),
                rows(key, most.select(0, 1)),
                turned(value, most.select(0, 2)),
                scoreUnits,
                valueUnits);
    }

    private int blocks(Tensor x) {
        int heads = (int) x.size(1);
        int all = kernels.blocks(Long.MAX_VALUE, PER_PROCESSOR);
        return Math.max(1, Math.min(all / heads, (int) x.size(2)));
    }

    private void most(Tensor x, Tensor most) {
        kernels.launch(
                "head_most",
                blocks(x),
                (int) x.size(1),
                THREADS,
                x,
                most,
                x.stride(2),
                x.stride(1),
                (int) x.size(2));
    }

    private Tensor rows(Tensor x, Tensor most) {
        long heads = x.size(1);
        Tensor out = Ops.empty(device, DType.FLOAT8_E4M3, 1, x.size(2), heads, HEAD);
        kernels.launch(
                "to_rows",
                blocks(x),
                (int) heads,
                THREADS,
                x,
                most,
                out,
                x.stride(2),
                x.stride(1),
                (int) x.size(2));
        return out.transpose(1, 2);
    }

    private Tensor turned(Tensor x, Tensor most) {
        long heads = x.size(1);
        long parts = BlockMap.blocksOf(x.size(2), PART);
        Tensor out = Ops.empty(device, DType.FLOAT8_E4M3, 1, heads, HEAD, parts * PART);
        kernels.launch(
                "to_turned",
                (int) parts,
                (int) heads,
                THREADS,
                x,
                most,
                out,
                x.stride(2),
                x.stride(1),
                (int) x.size(2),
                (int) (parts * PART));
        return out;
    }

    @Override
    public void close() {
        kernels.close();
    }
}
