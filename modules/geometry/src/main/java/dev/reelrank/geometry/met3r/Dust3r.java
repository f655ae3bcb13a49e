package dev.reelrank.geometry.met3r;

import dev.reelrank.geometry.layers.RotaryGrid;
import dev.reelrank.geometry.layers.TransformerBlock;
import dev.reelrank.torch.Conv2d;
import dev.reelrank.torch.LayerNorm;
import dev.reelrank.torch.Linear;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.Weights;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * DUSt3R (arXiv 2312.14132): the points of two views in the axes of the first camera, and how sure
 * it is of them. An encoder for both, a decoder and a DPT head for each; float32.
 */
final class Dust3r {
    private static final double EPSILON = 1e-6;
    private static final double LEAST_DISTANCE = 1e-8;

    private final TorchDevice device;
    private final int head;
    private final int decoderHead;
    private final int patch;
    private final Conv2d patches;
    private final List<TransformerBlock> encoder = new ArrayList<>();
    private final LayerNorm encoded;
    private final Linear narrower;
    private final List<PairBlock> first = new ArrayList<>();
    private final List<PairBlock> second = new ArrayList<>();
    private final LayerNorm decoded;
    private final PointHead firstHead;
    private final PointHead secondHead;

    /**
     * Points and confidences of a view.
     *
     * @param points shape (height, width, 3)
     * @param confidence above 1, shape (height, width)
     */
    record View(Tensor points, Tensor confidence) {}

    Dust3r(Weights weights, TensorShapes files, Dust3rConfig config) {
        device = weights.device();
        long[] shape = Dust3rConfig.shape(files, "patch_embed.proj.weight", "DUSt3R");
        int dim = (int) shape[0];
        patch = (int) shape[2];
        head = dim / config.encoderHeads();
        patches = Conv2d.load(weights.child("patch_embed.proj"), 3, dim, patch, patch, 0);
        for (int i = 0; i < Dust3rConfig.blocks(files, "enc_blocks."); i++) {
            encoder.add(
                    new TransformerBlock(
                            weights.child("enc_blocks." + i),
                            dim,
                            config.encoderHeads(),
                            false,
                            EPSILON));
        }
        encoded = LayerNorm.load(weights.child("enc_norm"), dim, EPSILON);
        int narrow = (int) Dust3rConfig.shape(files, "decoder_embed.weight", "DUSt3R")[0];
        decoderHead = narrow / config.decoderHeads();
        narrower = Linear.load(weights.child("decoder_embed"), dim, narrow, true);
        for (int i = 0; i < Dust3rConfig.blocks(files, "dec_blocks."); i++) {
            first.add(
                    new PairBlock(weights.child("dec_blocks." + i), narrow, config.decoderHeads()));
            second.add(
                    new PairBlock(
                            weights.child("dec_blocks2." + i), narrow, config.decoderHeads()));
        }
        decoded = LayerNorm.load(weights.child("dec_norm"), narrow, EPSILON);
        weights.ignore("mask_token");
        int[] dims = {dim, narrow, narrow, narrow};
        firstHead = head(weights, files, "downstream_head1", dims);
        secondHead = head(weights, files, "downstream_head2", dims);
    }

    private static PointHead head(Weights weights, TensorShapes files, String name, int[] dims) {
        return new PointHead(weights.child(name + ".dpt"), files, name + ".dpt.", dims);
    }

    /** The side of a patch, pixels. */
    int patch() {
        return patch;
    }

    /**
     * Where the patches of a picture lie; serves all pictures of its size.
     *
     * @param rows patches from top to bottom
     * @param columns patches from left to right
     * @param wide positions for the encoder's heads
     * @param narrow positions for the decoder's heads
     */
    record Grid(int rows, int columns, RotaryGrid wide, RotaryGrid narrow) {}

    /**
     * The grid of a picture; belongs to the open scope.
     *
     * @param image shape (1, 3, height, width), sides multiples of {@link #patch}
     */
    Grid grid(Tensor image) {
        int rows = (int) (image.size(2) / patch);
        int columns = (int) (image.size(3) / patch);
        return new Grid(
                rows,
                columns,
                RotaryGrid.of(rows, columns, 0, head, device),
                RotaryGrid.of(rows, columns, 0, decoderHead, device));
    }

    /**
     * What the encoder makes of a picture. It is the same in every pair that the picture is part
     * of.
     *
     * @param image −1..1, shape (1, 3, height, width)
     * @return shape (1, patches, dim)
     */
    Tensor encode(Tensor image, Grid grid) {
        return TensorScope.compute(
                () -> {
                    Tensor x = patches.apply(image).flatten(2, 3).transpose(1, 2);
                    for (TransformerBlock block : encoder) {
                        x = block.apply(x, grid.wide());
                    }
                    return encoded.apply(x);
                });
    }

    /**
     * Looks at two views; what comes back belongs to the open scope.
     *
     * @param one what {@link #encode} made of the first view
     * @param two likewise of the second
     * @return of the first view and of the second, both in the first camera's axes
     */
    List<View> look(Tensor one, Tensor two, Grid grid) {
        Tensor[] raw = TensorScope.computeAll(() -> raw(one, two, grid));
        return List.of(view(raw[0]), view(raw[1]));
    }

    private Tensor[] raw(Tensor one, Tensor two, Grid grid) {
        List<Tensor> ofFirst = new ArrayList<>(List.of(one));
        List<Tensor> ofSecond = new ArrayList<>(List.of(two));
        Tensor a = narrower.apply(one);
        Tensor b = narrower.apply(two);
        int depth = first.size();
        for (int i = 1; i <= depth; i++) {
            Tensor next = first.get(i - 1).apply(a, b, grid.narrow());
            b = second.get(i - 1).apply(b, a, grid.narrow());
            a = next;
            if (i == depth / 2 || i == depth * 3 / 4 || i == depth) {
                ofFirst.add(i == depth ? decoded.apply(a) : a);
                ofSecond.add(i == depth ? decoded.apply(b) : b);
            }
        }
        return new Tensor[] {
            firstHead.apply(ofFirst, grid.rows(), grid.columns()),
            secondHead.apply(ofSecond, grid.rows(), grid.columns())
        };
    }

    /** A direction whose length grows exponentially, and 1 + exp. */
    private static View view(Tensor raw) {
        Tensor[] both =
                TensorScope.computeAll(
                        () -> {
                            Tensor v = raw.select(0, 0).narrow(0, 0, 3).permute(1, 2, 0);
                            Tensor length =
                                    v.square()
                                            .sum(new long[] {2}, true, new ScalarTypeOptional())
                                            .sqrt();
                            Tensor points =
                                    v.div(length.clamp_min(new Scalar(LEAST_DISTANCE)))
                                            .mul(length.expm1());
                            return new Tensor[] {
                                points, Ops.add(raw.select(0, 0).select(0, 3).exp(), 1)
                            };
                        });
        return new View(both[0], both[1]);
    }
}
