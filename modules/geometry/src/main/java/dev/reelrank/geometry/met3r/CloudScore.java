package dev.reelrank.geometry.met3r;

import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import java.util.OptionalDouble;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * How much the features of two drawn views differ: the mean of {@code 1 − cosine} over the pixels
 * that show both. Features are mixed where the model is.
 */
final class CloudScore {
    private static final double EPSILON = 1e-5;

    private final TorchDevice device;

    CloudScore(TorchDevice device) {
        this.device = device;
    }

    /**
     * The score of a pair.
     *
     * @param ofOne features of the first view, shape (1, dim, side, side)
     * @param ofTwo like ofOne
     * @return empty if no pixel shows both
     */
    OptionalDouble of(Clouds clouds, Tensor ofOne, Tensor ofTwo) {
        if (clouds.covered() == 0) {
            return OptionalDouble.empty();
        }
        try (var scope = TensorScope.inference()) {
            Tensor apart =
                    TensorScope.compute(
                            () ->
                                    differing(
                                            drawn(clouds.one(), ofOne),
                                            drawn(clouds.two(), ofTwo),
                                            clouds.mask()));
            return OptionalDouble.of(Ops.floats(apart)[0] / (clouds.covered() + EPSILON));
        }
    }

    /** The features as the camera sees them, shape (pixels, dim). */
    private Tensor drawn(PointSplat splat, Tensor features) {
        return TensorScope.compute(
                () -> {
                    long dim = features.size(1);
                    int pixels = splat.index().length / PointSplat.MOST;
                    Tensor points =
                            features.select(0, 0).reshape(dim, -1).transpose(0, 1).contiguous();
                    // Where there is no point the weight is 0.
                    Tensor index =
                            device.place(
                                            Tensor.create(splat.index())
                                                    .reshape(pixels, PointSplat.MOST),
                                            DType.INT32)
                                    .clamp_min(new Scalar(0))
                                    .transpose(0, 1)
                                    .contiguous();
                    Tensor weight =
                            device.place(
                                    Ops.tensor(splat.weight(), pixels, PointSplat.MOST),
                                    DType.FLOAT32);
                    Tensor sum = mixed(points, index, weight, 0);
                    for (int k = 1; k < PointSplat.MOST; k++) {
                        int nearest = k;
                        TensorScope.run(() -> sum.add_(mixed(points, index, weight, nearest)));
                    }
                    return sum;
                });
    }

    /** What the k-th nearest point of each pixel adds to it. */
    private static Tensor mixed(Tensor points, Tensor index, Tensor weight, int k) {
        return TensorScope.compute(
                () ->
                        points.index_select(0, index.select(0, k))
                                .mul_(weight.select(1, k).unsqueeze(1)));
    }

    private Tensor differing(Tensor one, Tensor two, float[] mask) {
        Tensor product = one.mul(two).sum(1);
        Tensor lengths = length(one).mul(length(two));
        Tensor apart = Ops.add(Ops.mul(product.div(Ops.add(lengths, EPSILON)), -1), 1);
        return apart.mul(device.place(Ops.tensor(mask, mask.length), DType.FLOAT32)).sum();
    }

    private static Tensor length(Tensor x) {
        return x.square().sum(new long[] {1}, false, new ScalarTypeOptional()).sqrt();
    }
}
