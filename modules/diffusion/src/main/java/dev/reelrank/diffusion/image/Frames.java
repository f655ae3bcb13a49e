package dev.reelrank.diffusion.image;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;

/** Pictures to tensors of -1..1 and back. */
public final class Frames {
    private Frames() {}

    /** Shape (1, 3, height, width), float32, on the CPU. */
    public static Tensor toTensor(RgbImage image) {
        return TensorScope.compute(
                () ->
                        Ops.to(
                                        Ops.tensor(
                                                image.rgb(), 1, image.height(), image.width(), 3),
                                        DType.FLOAT32)
                                .permute(0, 3, 1, 2)
                                .div(new Scalar(255.0))
                                .mul(new Scalar(2.0))
                                .sub(new Scalar(1.0)));
    }

    /**
     * The pictures of decoded frames.
     *
     * @param frames shape (frames, 3, height, width), -1..1; rounded to the nearest grey level
     */
    public static List<RgbImage> toImages(Tensor frames) {
        if (!Ops.isFinite(frames)) {
            throw notFinite();
        }
        try (var scope = TensorScope.open()) {
            return images(levels(frames));
        }
    }

    /**
     * Refuses what a decoder made.
     *
     * @param spread {@link Ops#spread} of its frames
     */
    static void requireFinite(double spread) {
        if (!Double.isFinite(spread)) {
            throw notFinite();
        }
    }

    private static StageException notFinite() {
        return new StageException(
                FailureCode.MODEL_MISMATCH,
                "the decoder made frames that are not finite (NaN or infinite): try --precision fp32");
    }

    /** Grey levels where the frames are, uint8, shape (frames, height, width, 3). */
    static Tensor levels(Tensor frames) {
        return TensorScope.compute(
                () ->
                        Ops.to(
                                        Ops.add(Ops.mul(Ops.to(frames, DType.FLOAT32), 0.5), 0.5)
                                                .clamp_(
                                                        new ScalarOptional(new Scalar(0.0)),
                                                        new ScalarOptional(new Scalar(1.0)))
                                                .mul_(new Scalar(255.0))
                                                .round_(),
                                        DType.UINT8)
                                .permute(0, 2, 3, 1)
                                .contiguous());
    }

    /** The pictures of {@link #levels}, on the host. */
    static List<RgbImage> images(Tensor levels) {
        byte[] bytes = Ops.bytes(levels);
        int height = (int) levels.size(1);
        int width = (int) levels.size(2);
        int size = height * width * 3;
        var images = new ArrayList<RgbImage>();
        for (int from = 0; from < bytes.length; from += size) {
            images.add(new RgbImage(width, height, Arrays.copyOfRange(bytes, from, from + size)));
        }
        return images;
    }
}
