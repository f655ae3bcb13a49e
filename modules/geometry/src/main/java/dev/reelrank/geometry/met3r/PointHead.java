package dev.reelrank.geometry.met3r;

import dev.reelrank.geometry.layers.Enlarging;
import dev.reelrank.geometry.layers.Fusion;
import dev.reelrank.torch.Conv2d;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** DUSt3R's dense head: a point and a confidence per pixel from the tokens of four layers (DPT). */
final class PointHead {
    private static final int LEVELS = 4;

    private final List<Conv2d> projects = new ArrayList<>();
    private final List<Enlarging.Layer> resizes = new ArrayList<>();
    private final List<Enlarging.Layer> reduces = new ArrayList<>();
    private final List<Fusion> fusions = new ArrayList<>();
    private final Conv2d first;
    private final Conv2d second;
    private final Conv2d third;

    /**
     * @param files says the sizes
     * @param path of the head in the files, with a dot at its end
     * @param dims widths of the four layers' tokens
     */
    PointHead(Weights weights, TensorShapes files, String path, int[] dims) {
        Weights scratch = weights.child("scratch");
        String reduced =
                scratch.has("layer1_rn.weight") ? "layer%d_rn.weight" : "layer_rn.%d.weight";
        int base = scratch.has("layer1_rn.weight") ? 1 : 0;
        for (int i = 0; i < LEVELS; i++) {
            Weights level = weights.child("act_postprocess." + i);
            int channels = size(files, path + "act_postprocess." + i + ".0.weight");
            projects.add(Conv2d.load(level.child("0"), dims[i], channels, 1, 1, 0));
            resizes.add(resize(level.child("1"), i, channels));
            String name = reduced.formatted(i + base);
            int features = size(files, path + "scratch." + name);
            reduces.add(Enlarging.bare(scratch, name, features, channels));
            // The published file keeps either name, or both, of the same tensor.
            scratch.ignore("layer_rn.%d.weight".formatted(i));
            boolean joins = i < LEVELS - 1;
            fusions.add(new Fusion(scratch.child("refinenet" + (i + 1)), features, joins, false));
        }
        for (String unused : List.of("conv1", "conv2")) {
            for (String part : List.of("weight", "bias")) {
                scratch.ignore("refinenet4.resConfUnit1.%s.%s".formatted(unused, part));
            }
        }
        int features = size(files, path + "head.0.weight");
        int last = size(files, path + "head.2.weight");
        int wide = (int) Dust3rConfig.shape(files, path + "head.0.weight", "DUSt3R")[1];
        first = Conv2d.load(weights.child("head.0"), wide, features, 3, 1, 1);
        second = Conv2d.load(weights.child("head.2"), features, last, 3, 1, 1);
        third = Conv2d.load(weights.child("head.4"), last, 4, 1, 1, 0);
    }

    private static int size(TensorShapes files, String name) {
        return (int) Dust3rConfig.shape(files, name, "DUSt3R with a DPT head")[0];
    }

    private static Enlarging.Layer resize(Weights weights, int level, int channels) {
        return switch (level) {
            case 0 -> Enlarging.transposed(weights, channels, 4);
            case 1 -> Enlarging.transposed(weights, channels, 2);
            case 2 -> x -> x;
            default -> Conv2d.load(weights, channels, channels, 3, 2, 1)::apply;
        };
    }

    /**
     * The raw values of a view.
     *
     * @param tokens of the four layers, shape (1, rows · columns, dim)
     * @return shape (1, 4, 16 rows, 16 columns)
     */
    Tensor apply(List<Tensor> tokens, long rows, long columns) {
        return TensorScope.compute(
                () -> {
                    Tensor[] maps = new Tensor[LEVELS];
                    for (int i = 0; i < LEVELS; i++) {
                        Tensor grid =
                                tokens.get(i)
                                        .transpose(1, 2)
                                        .reshape(1, tokens.get(i).size(2), rows, columns);
                        maps[i] =
                                reduces.get(i)
                                        .apply(resizes.get(i).apply(projects.get(i).apply(grid)));
                    }
                    Tensor x = null;
                    for (int i = LEVELS - 1; i >= 0; i--) {
                        Tensor map = maps[i];
                        Tensor joined = x == null ? map : x;
                        Tensor fused =
                                fusions.get(i)
                                        .apply(
                                                joined,
                                                x == null ? null : map,
                                                2 * joined.size(2),
                                                2 * joined.size(3));
                        // Of an odd number of patches the coarsest map is one too large.
                        x =
                                i == 0
                                        ? fused
                                        : fused.narrow(2, 0, maps[i - 1].size(2))
                                                .narrow(3, 0, maps[i - 1].size(3));
                    }
                    Tensor half = first.apply(Objects.requireNonNull(x));
                    Tensor whole = Fusion.resized(half, 2 * half.size(2), 2 * half.size(3));
                    return third.apply(torch.relu(second.apply(whole)));
                });
    }
}
