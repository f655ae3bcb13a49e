package dev.reelrank.geometry.vggt;

import dev.reelrank.geometry.layers.Enlarging;
import dev.reelrank.geometry.layers.Fusion;
import dev.reelrank.torch.Conv2d;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.LayerNorm;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** A value for every pixel, from the tokens of four layers (DPT, arXiv 2103.13413). */
final class DenseHead {
    private static final int LAST = 32;

    private final VggtConfig config;
    private final PositionWaves waves;
    private final LayerNorm norm;
    private final List<Conv2d> projects = new ArrayList<>();
    private final List<Enlarging.Layer> resizes = new ArrayList<>();
    private final List<Enlarging.Layer> reduces = new ArrayList<>();
    private final List<Fusion> fusions = new ArrayList<>();
    private final Conv2d first;
    private final Conv2d second;
    private final Conv2d third;

    /**
     * @param weights float32
     * @param outputs channels of a pixel
     */
    DenseHead(Weights weights, VggtConfig config, PositionWaves waves, int outputs) {
        this.config = config;
        this.waves = waves;
        int dim = 2 * config.dim();
        int features = config.features();
        norm = LayerNorm.load(weights.child("norm"), dim, 1e-5);
        Weights scratch = weights.child("scratch");
        for (int i = 0; i < config.channels().size(); i++) {
            int channels = config.channels().get(i);
            projects.add(Conv2d.load(weights.child("projects." + i), dim, channels, 1, 1, 0));
            resizes.add(resize(weights.child("resize_layers." + i), i, channels));
            reduces.add(
                    Enlarging.bare(
                            scratch, "layer%d_rn.weight".formatted(i + 1), features, channels));
            boolean coarsest = i == config.channels().size() - 1;
            fusions.add(
                    new Fusion(scratch.child("refinenet" + (i + 1)), features, !coarsest, true));
        }
        first = Conv2d.load(scratch.child("output_conv1"), features, features / 2, 3, 1, 1);
        second = Conv2d.load(scratch.child("output_conv2.0"), features / 2, LAST, 3, 1, 1);
        third = Conv2d.load(scratch.child("output_conv2.2"), LAST, outputs, 1, 1, 0);
    }

    /** To four times, twice, once and half the grid of the patches. */
    private static Enlarging.Layer resize(Weights weights, int index, int channels) {
        return switch (index) {
            case 0 -> Enlarging.transposed(weights, channels, 4);
            case 1 -> Enlarging.transposed(weights, channels, 2);
            case 2 -> x -> x;
            default -> Conv2d.load(weights, channels, channels, 3, 2, 1)::apply;
        };
    }

    /**
     * The raw values of frames, before any activation.
     *
     * @param tokens of the four layers, shape (frames, tokens, 2 dim)
     * @return shape (frames, outputs, height, width), float32
     */
    Tensor apply(List<Tensor> tokens, long height, long width) {
        return TensorScope.compute(
                () -> {
                    List<Tensor> maps = new ArrayList<>();
                    for (int i = 0; i < projects.size(); i++) {
                        maps.add(map(i, tokens.get(i), height, width));
                    }
                    Tensor x = null;
                    for (int i = maps.size() - 1; i >= 0; i--) {
                        Tensor map = maps.get(i);
                        long rows = i == 0 ? 2 * map.size(2) : maps.get(i - 1).size(2);
                        long columns = i == 0 ? 2 * map.size(3) : maps.get(i - 1).size(3);
                        Tensor fused =
                                x == null
                                        ? fusions.get(i).apply(map, null, rows, columns)
                                        : fusions.get(i).apply(x, map, rows, columns);
                        map.close();
                        if (x != null) {
                            x.close();
                        }
                        x = fused;
                    }
                    return values(Objects.requireNonNull(x), height, width);
                });
    }

    private Tensor map(int index, Tensor tokens, long height, long width) {
        return TensorScope.compute(
                () -> {
                    long patches = tokens.size(1) - config.special();
                    Tensor x =
                            norm.apply(
                                    Ops.to(
                                            tokens.narrow(1, config.special(), patches),
                                            DType.FLOAT32));
                    Tensor grid =
                            x.transpose(1, 2)
                                    .reshape(
                                            x.size(0),
                                            x.size(2),
                                            height / config.patch(),
                                            width / config.patch());
                    Tensor placed =
                            placed(projects.get(index).apply(grid), (double) width / height);
                    return reduces.get(index).apply(resizes.get(index).apply(placed));
                });
    }

    private Tensor values(Tensor fused, long height, long width) {
        Tensor x = Fusion.resized(first.apply(fused), height, width);
        x = placed(x, (double) width / height);
        return third.apply(torch.relu(second.apply(x)));
    }

    /** Adds where a pixel lies, in place: sines and cosines of a grid whose diagonal is one. */
    private Tensor placed(Tensor x, double aspect) {
        try (var scope = TensorScope.open()) {
            int quarter = (int) x.size(1) / 4;
            double diagonal = Math.sqrt(aspect * aspect + 1);
            Tensor across = waves.of((int) x.size(3), aspect / diagonal, quarter);
            Tensor down = waves.of((int) x.size(2), 1 / diagonal, quarter);
            x.narrow(1, 0, 2L * quarter).add_(across.unsqueeze(1));
            x.narrow(1, 2L * quarter, 2L * quarter).add_(down.unsqueeze(2));
        }
        return x;
    }
}
