package dev.reelrank.torch;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import org.bytedeco.cuda.cudart.CUtensorMap;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.Tensor;

/**
 * How the copy engine of GPUs of compute capability 9.0 and later reads a tensor of heads, tile by
 * tile: an argument of a kernel ({@code cuTensorMapEncodeTiled} of the CUDA driver). What lies
 * outside of the tensor is read as zeros. Made and used in one {@link TensorScope}.
 */
public final class TensorMap {
    private static final int ALIGNMENT = 64;
    private static final int WORDS = 16;
    private static final int SWIZZLED_BYTES = 128;

    /** The map's memory, with room for its alignment. */
    private final LongPointer words;

    private final CUtensorMap map;

    private TensorMap(LongPointer words, CUtensorMap map) {
        this.words = words;
        this.map = map;
    }

    /**
     * Tiles of one head.
     *
     * @param x shape (1, heads, rows, columns): the columns side by side, rows and heads at
     *     multiples of 16 bytes
     * @param rows of a tile, 1..256
     * @param columns of a tile, which have 64 or 128 bytes; they lie in shared memory with their
     *     16-byte chunks exchanged by row, in a pattern of that width
     */
    public static TensorMap of(Tensor x, int rows, int columns) {
        int bytes = (int) x.element_size();
        int width = columns * bytes;
        var words = new LongPointer(WORDS + ALIGNMENT / Long.BYTES);
        long first = Math.floorMod(-words.address(), ALIGNMENT) / Long.BYTES;
        var map = new CUtensorMap(words.getPointer(first));
        int result =
                cudart.cuTensorMapEncodeTiled(
                        map,
                        DType.of(x) == DType.BFLOAT16
                                ? cudart.CU_TENSOR_MAP_DATA_TYPE_BFLOAT16
                                : cudart.CU_TENSOR_MAP_DATA_TYPE_UINT8,
                        3,
                        x.data_ptr(),
                        new long[] {x.size(3), x.size(2), x.size(1)},
                        new long[] {x.stride(2) * bytes, x.stride(1) * bytes},
                        new int[] {columns, rows, 1},
                        new int[] {1, 1, 1},
                        cudart.CU_TENSOR_MAP_INTERLEAVE_NONE,
                        width == SWIZZLED_BYTES
                                ? cudart.CU_TENSOR_MAP_SWIZZLE_128B
                                : cudart.CU_TENSOR_MAP_SWIZZLE_64B,
                        cudart.CU_TENSOR_MAP_L2_PROMOTION_L2_256B,
                        cudart.CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
        if (result != 0) {
            throw new StageException(
                    FailureCode.INTERNAL_ERROR,
                    "CUDA error %d to describe %d heads of %d rows of %d bytes to the copy engine"
                            .formatted(result, x.size(1), x.size(2), x.size(3) * bytes));
        }
        return new TensorMap(words, map);
    }

    /** Where the kernel's argument stands. */
    long address() {
        return words.isNull() ? 0 : map.address();
    }
}
