package dev.reelrank.wan;

import dev.reelrank.diffusion.ParameterRange;
import java.util.Map;
import java.util.TreeMap;

/** The numbers that a configuration may set for Wan beyond what every generator has. */
final class WanParameters {
    static final ParameterRange SHIFTS = new ParameterRange(0.01, 100, "shift of the noise levels");
    private static final ParameterRange BOUNDARIES =
            new ParameterRange(0, 1, "share of the noise range above which the first expert works");
    private static final ParameterRange GUIDANCES =
            new ParameterRange(0, 30, "guidance of the low-noise expert");
    private static final ParameterRange SIGMAS =
            new ParameterRange(1, 1000, "noise level that rCM begins at");
    private static final ParameterRange TOP_SHARES =
            new ParameterRange(
                    0.01, 1, "share of the key blocks that sparse-linear attention keeps");

    private static final ParameterRange SHARES =
            new ParameterRange(
                    0.01, 1, "share of the softmax that self-attention computes; 1 for all of it");
    private static final ParameterRange ENDS =
            ParameterRange.whole(0, 1000, "how many at the beginning and at the end stay dense");

    private static final ParameterRange KERNELS =
            ParameterRange.whole(
                    0,
                    2,
                    "sparse attention on a GPU: 0 by libtorch, 1 by our kernels, 2 by those in float8 on Hopper");

    private WanParameters() {}

    static Map<String, ParameterRange> of(boolean twoExperts, Distillation distillation) {
        var ranges = new TreeMap<String, ParameterRange>();
        ranges.put(WanSnapshot.SHIFT, SHIFTS);
        if (twoExperts) {
            ranges.put(WanSnapshot.BOUNDARY, BOUNDARIES);
            ranges.put(WanSnapshot.GUIDANCE_LOW, GUIDANCES);
        }
        ranges.put(WanSnapshot.SPARSE_KERNEL, KERNELS);
        if (distillation != Distillation.NONE) {
            ranges.put(WanSnapshot.SIGMA_MAX, SIGMAS);
        }
        if (distillation == Distillation.SPARSE_LINEAR) {
            ranges.put(WanSnapshot.SPARSE_TOPK, TOP_SHARES);
        } else {
            ranges.put(WanSnapshot.SPARSE_SHARE, SHARES);
            ranges.put(WanSnapshot.SPARSE_DENSE_STEPS, ENDS);
            ranges.put(WanSnapshot.SPARSE_DENSE_LAYERS, ENDS);
        }
        return ranges;
    }
}
