package dev.reelrank.upscale;

import dev.reelrank.torch.Checkpoint;
import dev.reelrank.torch.Conv2d;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.Weights;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The generator of ESRGAN (Wang et al. 2018, arXiv 1809.00219) and Real-ESRGAN (2021, arXiv
 * 2107.10833): residual blocks of dense blocks, then twice a doubling and a convolution.
 */
final class RrdbNet implements AutoCloseable {
    private static final double SLOPE = 0.2;
    private static final int DENSE_BLOCKS = 3;

    private final Parameters parameters = new Parameters();
    private final NetworkShape shape;
    private final Conv2d first;
    private final List<DenseBlock> dense = new ArrayList<>();
    private final Conv2d body;
    private final Conv2d up1;
    private final Conv2d up2;
    private final Conv2d high;
    private final Conv2d last;

    private RrdbNet(Checkpoint checkpoint, NetworkShape shape, TorchDevice device, DType dtype) {
        this.shape = shape;
        var weights = new Weights(checkpoint, device, dtype, parameters);
        long features = shape.features();
        first = Conv2d.load(weights.child("conv_first"), shape.inputs(), features, 3, 1, 1);
        for (int block = 0; block < shape.blocks(); block++) {
            for (int i = 1; i <= DENSE_BLOCKS; i++) {
                dense.add(new DenseBlock(weights.child("body." + block).child("rdb" + i), shape));
            }
        }
        body = Conv2d.load(weights.child("conv_body"), features, features, 3, 1, 1);
        up1 = Conv2d.load(weights.child("conv_up1"), features, features, 3, 1, 1);
        up2 = Conv2d.load(weights.child("conv_up2"), features, features, 3, 1, 1);
        high = Conv2d.load(weights.child("conv_hr"), features, features, 3, 1, 1);
        last = Conv2d.load(weights.child("conv_last"), features, 3, 3, 1, 1);
        weights.requireAllUsed();
    }

    /**
     * Loads the weights.
     *
     * @throws dev.reelrank.pipeline.StageException MODEL_MISMATCH naming the tensor
     */
    static RrdbNet load(Checkpoint checkpoint, TorchDevice device, DType dtype) {
        return new RrdbNet(checkpoint, NetworkShape.of(checkpoint), device, dtype);
    }

    int scale() {
        return shape.scale();
    }

    /**
     * Enlarges pictures.
     *
     * @param pictures shape (batch, 3, height, width), 0..1; sides even where the scale is 2
     * @return shape (batch, 3, scale × height, scale × width), about 0..1
     */
    Tensor apply(Tensor pictures) {
        return TensorScope.compute(
                () -> {
                    Tensor x = scale() == 2 ? torch.pixel_unshuffle(pictures, 2) : pictures;
                    Tensor start = first.apply(x);
                    Tensor features = start.add(body.apply(blocks(start)));
                    features = leaky(up1.apply(doubled(features)));
                    features = leaky(up2.apply(doubled(features)));
                    return last.apply(leaky(high.apply(features)));
                });
    }

    private Tensor blocks(Tensor start) {
        Tensor x = start;
        for (int block = 0; block < shape.blocks(); block++) {
            Tensor before = x;
            int at = block * DENSE_BLOCKS;
            // A scope of its own: at full size each temporary holds hundreds of megabytes.
            x =
                    TensorScope.compute(
                            () -> {
                                Tensor after = before;
                                for (int i = 0; i < DENSE_BLOCKS; i++) {
                                    after = dense.get(at + i).apply(after);
                                }
                                return before.add(Ops.mul(after, DenseBlock.STRENGTH));
                            });
            if (block > 0) {
                TensorScope.release(before);
            }
        }
        return x;
    }

    static Tensor leaky(Tensor x) {
        try (var slope = new Scalar(SLOPE)) {
            return torch.leaky_relu(x, slope);
        }
    }

    /** Each pixel becomes four. */
    private static Tensor doubled(Tensor x) {
        return torch.upsample_nearest2d(x, 2 * x.size(2), 2 * x.size(3));
    }

    @Override
    public void close() {
        parameters.close();
    }
}
