package dev.reelrank.torch;

import org.bytedeco.pytorch.Tensor;

/** Rotary position embedding, in the two layouts in use. */
public final class Rotary {
    private Rotary() {}

    /**
     * Rotates adjacent pairs (x0, x1), (x2, x3), …: {@code x0' = x0 cos - x1 sin, x1' = x0 sin + x1
     * cos}.
     *
     * @param x shape (…, dim)
     * @param cos broadcastable to (…, dim / 2); the rotation is computed in its type
     * @param sin like cos
     * @return shape and type as x
     */
    public static Tensor pairs(Tensor x, Tensor cos, Tensor sin) {
        return TensorScope.compute(
                () -> {
                    long[] shape = x.shape();
                    long half = shape[shape.length - 1] / 2;
                    Tensor split = x.to(cos.scalar_type()).unflatten(-1, new long[] {half, 2});
                    Tensor even = split.select(-1, 0);
                    Tensor odd = split.select(-1, 1);
                    return Ops.stack(
                                    -1,
                                    even.mul(cos).sub(odd.mul(sin)),
                                    even.mul(sin).add(odd.mul(cos)))
                            .flatten(-2, -1)
                            .to(x.scalar_type());
                });
    }

    /**
     * Rotates the first half against the second: {@code x * cos + cat(-x[dim/2:], x[:dim/2]) *
     * sin}.
     *
     * @param x shape (…, dim)
     * @param cos broadcastable to (…, dim)
     * @param sin like cos
     * @return shape of x, the wider type of x and cos
     */
    public static Tensor halves(Tensor x, Tensor cos, Tensor sin) {
        return TensorScope.compute(
                () -> {
                    long dim = x.size(-1);
                    Tensor first = x.narrow(-1, 0, dim / 2);
                    Tensor second = x.narrow(-1, dim / 2, dim / 2);
                    return x.mul(cos).add(Ops.cat(-1, second.neg(), first).mul(sin));
                });
    }
}
