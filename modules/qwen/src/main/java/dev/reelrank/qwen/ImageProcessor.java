package dev.reelrank.qwen;

import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.TorchRuntime;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.CompilationUnit;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.QualifiedName;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.StringIValueMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * Turns a picture into the patches that the vision tower takes: bicubic resizing of the bytes with
 * antialiasing, normalisation, and patches in the order of their merge blocks.
 *
 * <p>The arithmetic is that of transformers' Qwen2VLImageProcessor for tensors.
 */
final class ImageProcessor implements AutoCloseable {
    private static final String RESIZE =
            """
            def resize(x, rows: int, columns: int):
              return torch._upsample_bicubic2d_aa(x, [rows, columns], False, None)
            """;

    private final QwenConfig.Vision vision;
    private final QwenConfig.Images images;
    private final long maxPixels;
    private final CompilationUnit script;

    /**
     * @param maxPixels an upper limit of one's own, below the model's
     */
    ImageProcessor(QwenConfig.Vision vision, QwenConfig.Images images, long maxPixels) {
        TorchRuntime.start();
        this.vision = vision;
        this.images = images;
        this.maxPixels = Math.max(images.minPixels(), Math.min(images.maxPixels(), maxPixels));
        // The operator has no Java binding; a script in the process calls it.
        script = torch.compile(RESIZE);
        script.retainReference();
    }

    ImageGrid grid(RgbImage image) {
        return ImageGrid.fit(image.width(), image.height(), vision, images.minPixels(), maxPixels);
    }

    /**
     * The patches of a picture. Its bytes are resized on the CPU, where the rounding is that of the
     * published code; the rest is done on the device.
     *
     * @return float32 on the device, shape (patches, channels * temporalPatch * patch * patch)
     */
    Tensor patches(RgbImage image, TorchDevice device) {
        var grid = grid(image);
        return TensorScope.compute(
                () -> {
                    var resized = resized(bytes(image), grid);
                    return split(normalised(device.place(resized, DType.UINT8)), grid);
                });
    }

    /**
     * The patches of pairs of frames of one size, which a video tower sees as one picture each.
     * Unlike pictures, frames are resized in float32 and then rounded, as in the published code.
     * That is done on the device, for all frames at once.
     *
     * @param frames an even number, of one size
     * @param grid that they are resized to
     * @return float32 on the device, shape (pairs, patches, values of a patch), in merge order
     */
    Tensor video(List<RgbImage> frames, ImageGrid grid, TorchDevice device) {
        return TensorScope.compute(
                () -> {
                    var wide =
                            Ops.to(device.place(bytes(frames, device), DType.UINT8), DType.FLOAT32);
                    var rounded =
                            resized(wide.contiguous(), grid)
                                    .round()
                                    .clamp(
                                            new ScalarOptional(new Scalar(0f)),
                                            new ScalarOptional(new Scalar(255f)));
                    return splitPairs(normalised(rounded), grid);
                });
    }

    /** Frames below each other, where a GPU fetches them without another copy on the host. */
    private static Tensor bytes(List<RgbImage> frames, TorchDevice device) {
        var first = frames.get(0);
        var host =
                torch.empty(
                        new long[] {frames.size(), first.height(), first.width(), 3},
                        new TensorOptions(torch.ScalarType.Byte)
                                .pinned_memory(new BoolOptional(device.isCuda())),
                        new MemoryFormatOptional());
        var all = new BytePointer(host.data_ptr()).capacity(host.numel());
        for (var frame : frames) {
            if (frame.width() != first.width() || frame.height() != first.height()) {
                throw new IllegalArgumentException(
                        "frames of %dx%d and of %dx%d cannot be one video"
                                .formatted(
                                        first.width(),
                                        first.height(),
                                        frame.width(),
                                        frame.height()));
            }
            all.put(frame.rgb());
            all.position(all.position() + frame.rgb().length);
        }
        return host.permute(0, 3, 1, 2);
    }

    private static Tensor bytes(RgbImage image) {
        return torch.from_blob(
                        new BytePointer(image.rgb()),
                        new long[] {1, image.height(), image.width(), 3},
                        new TensorOptions(torch.ScalarType.Byte))
                .permute(0, 3, 1, 2);
    }

    private Tensor splitPairs(Tensor frames, ImageGrid grid) {
        long merge = vision.merge();
        long patch = vision.patch();
        long pairs = frames.size(0) / vision.temporalPatch();
        return frames.reshape(
                        pairs,
                        vision.temporalPatch(),
                        3,
                        grid.rows() / merge,
                        merge,
                        patch,
                        grid.columns() / merge,
                        merge,
                        patch)
                .permute(0, 3, 6, 4, 7, 2, 1, 5, 8)
                .reshape(pairs, grid.patches(), vision.patchValues());
    }

    private Tensor resized(Tensor bytes, ImageGrid grid) {
        var rows = grid.rows() * vision.patch();
        var columns = grid.columns() * vision.patch();
        if (bytes.size(2) == rows && bytes.size(3) == columns) {
            return bytes;
        }
        var arguments =
                new IValueVector(
                        new IValue(bytes), new IValue((long) rows), new IValue((long) columns));
        return script.find_function(new QualifiedName("resize"))
                .apply(arguments, new StringIValueMap())
                .toTensor()
                .detach();
    }

    private Tensor normalised(Tensor bytes) {
        var channels = new Tensor[3];
        var values = Ops.to(bytes, DType.FLOAT32);
        for (var c = 0; c < 3; c++) {
            // Rescaling and normalisation in one step, as the published code fuses them.
            channels[c] =
                    values.narrow(1, c, 1)
                            .sub(new Scalar((float) (images.mean().get(c) * 255)))
                            .div(new Scalar((float) (images.deviation().get(c) * 255)));
        }
        return Ops.cat(1, channels);
    }

    private Tensor split(Tensor picture, ImageGrid grid) {
        long merge = vision.merge();
        long patch = vision.patch();
        return picture.reshape(
                        3, grid.rows() / merge, merge, patch, grid.columns() / merge, merge, patch)
                .permute(1, 4, 2, 5, 0, 3, 6)
                .unsqueeze(5)
                .expand(
                        grid.rows() / merge,
                        grid.columns() / merge,
                        merge,
                        merge,
                        3,
                        vision.temporalPatch(),
                        patch,
                        patch)
                .reshape(grid.patches(), vision.patchValues());
    }

    @Override
    public void close() {
        script.releaseReference();
    }
}
