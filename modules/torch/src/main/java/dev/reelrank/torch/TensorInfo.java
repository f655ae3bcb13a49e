package dev.reelrank.torch;

import java.util.Arrays;

/**
 * What a safetensors header says of one tensor.
 *
 * @param dtype its stored element type
 * @param shape its lengths, empty for a scalar
 * @param begin first byte, counted from the end of the header
 * @param end byte after the last
 */
public record TensorInfo(DType dtype, long[] shape, long begin, long end) {
    public TensorInfo {
        shape = shape.clone();
    }

    @Override
    public long[] shape() {
        return shape.clone();
    }

    /** How many elements. */
    public long elements() {
        return Arrays.stream(shape).reduce(1, Math::multiplyExact);
    }

    public boolean hasShape(long... other) {
        return Arrays.equals(shape, other);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TensorInfo that
                && dtype == that.dtype
                && begin == that.begin
                && end == that.end
                && Arrays.equals(shape, that.shape);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(shape) * 31 + Long.hashCode(begin);
    }

    @Override
    public String toString() {
        return dtype.safetensorsName() + Arrays.toString(shape);
    }
}
