package dev.reelrank.torch.sparse;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.CudaKernels;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorMap;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * {@link SparseAttention} as one CUDA kernel, compiled for the GPU at hand: bfloat16, head size
 * 128, blocks of 64 or 128 queries and of multiples of 64 keys. Hopper (compute capability 9.0) has
 * a kernel of its own for blocks of 128 queries, {@code hopper.cu}; everything else from 8.0 on has
 * {@code attention.cu}. Hopper's can also multiply in float8: faster, with an error of 5 % on
 * random numbers, so only for those who ask for it. One thread at a time may use an object.
 */
public final class SparseAttentionKernel implements AutoCloseable {
    private static final int HEAD = 128;
    private static final int TILE = 64;
    private static final int BYTES = 2;

    /** Threads of Hopper's kernels: a group that loads, two that compute. */
    private static final int HOPPER_THREADS = 384;

    /**
     * Keys of a step of Hopper's kernels in bfloat16 and float8, and how many steps lie in memory.
     */
    private static final long HOPPER_KEYS = 128;

    private static final long HOPPER_KEYS_FLOAT8 = 192;
    private static final long HOPPER_STAGES = 2;

    /** To align the tiles, and for the barriers. */
    private static final long HOPPER_EXTRA = 1024 + 256;

    private final TorchDevice device;
    private final CudaKernels kernels;
    private final long queryBlock;
    private final long keyBlock;
    private final Kind kind;
    private final @Nullable Float8Heads float8;

    private enum Kind {
        PORTABLE,
        HOPPER,
        HOPPER_FLOAT8
    }

    /**
     * Compiles the kernel.
     *
     * @param queryBlock 64 or 128
     * @param keyBlock a multiple of 64
     * @throws StageException INVALID_CONFIG when the GPU is too old or the compiler is missing
     */
    public SparseAttentionKernel(TorchDevice device, long queryBlock, long keyBlock) {
        this(
                device,
                queryBlock,
                keyBlock,
                device.isHopper() && queryBlock == 2 * TILE ? Kind.HOPPER : Kind.PORTABLE);
    }

    private SparseAttentionKernel(TorchDevice device, long queryBlock, long keyBlock, Kind kind) {
        if (!hasBlocks(queryBlock, keyBlock)) {
            throw new IllegalArgumentException(
                    "no kernel for blocks of %d queries and %d keys"
                            .formatted(queryBlock, keyBlock));
        }
        if (!device.hasOwnKernels()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "the sparse attention kernel needs a GPU of compute capability 8.0 or later, which "
                            + device
                            + " is not");
        }
        this.device = device;
        this.queryBlock = queryBlock;
        this.keyBlock = keyBlock;
        this.kind = kind;
        kernels = compiled(device, kind, queryBlock, keyBlock);
        try {
            float8 = kind == Kind.HOPPER_FLOAT8 ? new Float8Heads(device) : null;
        } catch (RuntimeException e) {
            kernels.close();
            throw e;
        }
    }

    private static CudaKernels compiled(
            TorchDevice device, Kind kind, long queryBlock, long keyBlock) {
        String file = kind == Kind.PORTABLE ? "attention.cu" : "hopper.cu";
        Map<String, Long> definitions =
                switch (kind) {
                    case PORTABLE -> Map.of("QUERY_BLOCK", queryBlock, "KEY_BLOCK", keyBlock);
                    case HOPPER -> Map.of("KEY_BLOCK", keyBlock, "FLOAT8", 0L);
                    case HOPPER_FLOAT8 -> Map.of("KEY_BLOCK", keyBlock, "FLOAT8", 1L);
                };
        return CudaKernels.compile(device, SparseAttentionKernel.class, file, definitions);
    }

    /** Whether there are kernels for the blocks of a map. */
    public static boolean hasBlocks(BlockMap map) {
        return hasBlocks(map.queryBlock(), map.keyBlock());
    }

    private static boolean hasBlocks(long queryBlock, long keyBlock) {
        return (queryBlock == TILE || queryBlock == 2 * TILE)
                && keyBlock >= TILE
                && keyBlock % TILE == 0;
    }

    /** Whether this was compiled for the blocks of a map. */
    public boolean takes(BlockMap map) {
        return map.queryBlock() == queryBlock && map.keyBlock() == keyBlock;
    }

    /** The kernel for any GPU from compute capability 8.0 on, also where there is a better one. */
    public static SparseAttentionKernel portable(
            TorchDevice device, long queryBlock, long keyBlock) {
        return new SparseAttentionKernel(device, queryBlock, keyBlock, Kind.PORTABLE);
    }

    /** Whether {@link #float8} has a kernel here, over the blocks of a map. */
    public static boolean hasFloat8(TorchDevice device, BlockMap map) {
        return device.isHopper() && hasBlocks(map) && map.queryBlock() == 2 * TILE;
    }

    /**
     * The kernel for Hopper that multiplies in float8 e4m3, for blocks of 128 queries: queries,
     * keys and values are rounded with one scale a head, weights with one for all.
     *
     * @param keyBlock a multiple of 64
     * @throws StageException INVALID_CONFIG on other GPUs than Hopper
     */
    public static SparseAttentionKernel float8(TorchDevice device, long keyBlock) {
        if (!device.isHopper()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "sparse attention in float8 needs a GPU of compute capability 9.0, which "
                            + device
                            + " is not");
        }
        return new SparseAttentionKernel(device, 2 * TILE, keyBlock, Kind.HOPPER_FLOAT8);
    }

    /**
     * Attends.
     *
     * @param query bfloat16, shape (1, heads, queries, 128); the numbers of a head side by side,
     *     tokens and heads in any order
     * @param key like query
     * @param value like query
     * @return the output with a token's heads side by side
     */
    public SparseAttention.Result apply(Tensor query, Tensor key, Tensor value, BlockMap map) {
        SparseAttention.requireFit(query, map);
        requireKind(query);
        requireKind(key);
        requireKind(value);
        if (!takes(map)) {
            throw new IllegalArgumentException("the map has blocks of another size");
        }
        long heads = query.size(1);
        long queries = query.size(2);
        Tensor out = Ops.empty(device, DType.BFLOAT16, queries, heads * HEAD);
        Tensor sums = Ops.empty(device, DType.FLOAT32, heads, queries);
        float scale = (float) (1 / (Math.sqrt((double) HEAD) * Math.log(2)));
        TensorScope.run(
                () -> {
                    Tensor blocks = map.blocks().contiguous();
                    Tensor counts = map.counts().contiguous();
                    if (kind == Kind.PORTABLE) {
                        anywhere(query, key, value, out, sums, blocks, counts, scale);
                    } else if (float8 == null) {
                        onHopper(query, key, value, null, null, out, sums, blocks, counts, scale);
                    } else {
                        var r = float8.round(query, key, value);
                        onHopper(
                                r.query(),
                                r.key(),
                                r.value(),
                                r.scoreUnits(),
                                r.valueUnits(),
                                out,
                                sums,
                                blocks,
                                counts,
                                scale);
                    }
                });
        return new SparseAttention.Result(out.view(1, queries, heads, HEAD).transpose(1, 2), sums);
    }

    private void onHopper(
            Tensor query,
            Tensor key,
            Tensor value,
            @Nullable Tensor scoreUnits,
            @Nullable Tensor valueUnits,
            Tensor out,
            Tensor sums,
            Tensor blocks,
            Tensor counts,
            float scale) {
        int heads = (int) query.size(1);
        int rows = (int) blocks.size(1);
        boolean rounded = kind == Kind.HOPPER_FLOAT8;
        long numbers =
                queryBlock + 2 * HOPPER_STAGES * (rounded ? HOPPER_KEYS_FLOAT8 : HOPPER_KEYS);
        // Tiles have rows of 128 bytes; turned values have rows of 64, one a dimension.
        int width = rounded ? HEAD : TILE;
        int shared = (int) (numbers * HEAD * (rounded ? 1 : BYTES) + HOPPER_EXTRA);
        var maps =
                List.of(
                        TensorMap.of(query, TILE, width),
                        TensorMap.of(key, TILE, width),
                        rounded
                                ? TensorMap.of(value, HEAD, TILE)
                                : TensorMap.of(value, TILE, TILE));
        var arguments = new ArrayList<@Nullable Object>(maps);
        arguments.addAll(List.of(out, sums, blocks, counts));
        arguments.add(scoreUnits);
        arguments.add(valueUnits);
        arguments.addAll(
                List.of(
                        (int) query.size(2),
                        (int) key.size(2),
                        (int) blocks.size(2),
                        rows,
                        heads,
                        scale));
        kernels.launchWithShared(
                "sparse_attention_hopper",
                rows * heads,
                1,
                HOPPER_THREADS,
                shared,
                arguments.toArray());
    }

    private void anywhere(
            Tensor query,
            Tensor key,
            Tensor value,
            Tensor out,
            Tensor sums,
            Tensor blocks,
            Tensor counts,
            float scale) {
        kernels.launchWithShared(
                "sparse_attention",
                (int) blocks.size(1),
                (int) query.size(1),
                (int) queryBlock,
                (int) ((queryBlock + 2 * TILE) * HEAD * BYTES),
                query,
                key,
                value,
                out,
                sums,
                blocks,
                counts,
                query.stride(2),
                query.stride(1),
                key.stride(2),
                key.stride(1),
                value.stride(2),
                value.stride(1),
                (int) query.size(2),
                (int) key.size(2),
                (int) blocks.size(2),
                scale);
    }

    /** Rows are copied 16 bytes at a time. */
    private static void requireKind(Tensor x) {
        boolean rows = x.stride(3) == 1 && x.stride(2) % 8 == 0 && x.stride(1) % 8 == 0;
        if (DType.of(x) != DType.BFLOAT16
                || x.size(3) != HEAD
                || !rows
                || x.data_ptr().address() % 16 != 0) {
            throw new IllegalArgumentException(
                    "the kernel takes bfloat16 heads of 128 numbers in rows that begin at multiples of 16 bytes");
        }
    }

    @Override
    public void close() {
        if (float8 != null) {
            float8.close();
        }
        kernels.close();
    }
}
