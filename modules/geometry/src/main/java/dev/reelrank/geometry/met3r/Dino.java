package dev.reelrank.geometry.met3r;

import dev.reelrank.geometry.layers.TransformerBlock;
import dev.reelrank.torch.Conv2d;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.LayerNorm;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.Weights;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** DINO's ViT (arXiv 2104.14294) of a picture: the patch tokens after the last norm; float32. */
final class Dino {
    private static final double EPSILON = 1e-6;
    private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
    private static final float[] DEVIATION = {0.229f, 0.224f, 0.225f};

    /** The original adds it so that rounding does not lose a row when positions are stretched. */
    private static final double EXTRA = 0.1;

    private final TorchDevice device;
    private final int dim;
    private final int patch;
    private final int grid;
    private final Conv2d patches;
    private final Tensor classToken;
    private final Tensor positions;
    private final List<TransformerBlock> blocks = new ArrayList<>();
    private final LayerNorm norm;

    Dino(Weights weights, TensorShapes files, int heads) {
        device = weights.device();
        long[] shape = Dust3rConfig.shape(files, "patch_embed.proj.weight", "DINO");
        dim = (int) shape[0];
        patch = (int) shape[2];
        int learned = (int) Dust3rConfig.shape(files, "pos_embed", "DINO")[1];
        grid = (int) Math.round(Math.sqrt(learned - 1));
        patches = Conv2d.load(weights.child("patch_embed.proj"), 3, dim, patch, patch, 0);
        classToken = weights.take("cls_token", 1, 1, dim);
        positions = weights.take("pos_embed", 1, learned, dim);
        for (int i = 0; i < Dust3rConfig.blocks(files, "blocks."); i++) {
            blocks.add(
                    new TransformerBlock(weights.child("blocks." + i), dim, heads, false, EPSILON));
        }
        norm = LayerNorm.load(weights.child("norm"), dim, EPSILON);
    }

    /** Width of a token. */
    int dim() {
        return dim;
    }

    /** The side of a patch, pixels. */
    int patch() {
        return patch;
    }

    /**
     * The features of a picture.
     *
     * @param image 0..1, shape (1, 3, height, width), sides multiples of {@link #patch}
     * @return shape (1, dim, rows, columns)
     */
    Tensor apply(Tensor image) {
        return TensorScope.compute(
                () -> {
                    Tensor map = patches.apply(normalised(image));
                    long rows = map.size(2);
                    long columns = map.size(3);
                    Tensor x =
                            Ops.cat(1, classToken, map.flatten(2, 3).transpose(1, 2))
                                    .add(positions(rows, columns));
                    for (TransformerBlock block : blocks) {
                        x = block.apply(x, null);
                    }
                    return norm.apply(x)
                            .narrow(1, 1, rows * columns)
                            .transpose(1, 2)
                            .reshape(1, dim, rows, columns);
                });
    }

    private Tensor normalised(Tensor image) {
        return image.sub(device.place(Ops.tensor(MEAN, 1, 3, 1, 1), DType.FLOAT32))
                .div(device.place(Ops.tensor(DEVIATION, 1, 3, 1, 1), DType.FLOAT32));
    }

    private Tensor positions(long rows, long columns) {
        if (rows == grid && columns == grid) {
            return positions;
        }
        Tensor learned =
                positions
                        .narrow(1, 1, (long) grid * grid)
                        .reshape(1, grid, grid, dim)
                        .permute(0, 3, 1, 2)
                        .contiguous();
        Tensor out =
                torch.empty(
                        new long[] {1, dim, rows, columns},
                        learned.options(),
                        new MemoryFormatOptional());
        try (var down = new DoubleOptional((rows + EXTRA) / grid);
                var across = new DoubleOptional((columns + EXTRA) / grid)) {
            torch.upsample_bicubic2d_outf(
                    learned, new long[] {rows, columns}, false, down, across, out);
        }
        return Ops.cat(
                1,
                positions.narrow(1, 0, 1),
                out.permute(0, 2, 3, 1).reshape(1, rows * columns, dim));
    }
}
