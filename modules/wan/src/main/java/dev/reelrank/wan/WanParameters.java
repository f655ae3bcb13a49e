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

    private WanParameters() {}

    static Map<String, ParameterRange> of(boolean twoExperts, Distillation distillation) {
        var ranges = new TreeMap<String, ParameterRange>();
        ranges.put(WanSnapshot.SHIFT, SHIFTS);
        if (twoExperts) {
            ranges.put(WanSnapshot.BOUNDARY, BOUNDARIES);
            ranges.put(WanSnapshot.GUIDANCE_LOW, GUIDANCES);
        }
        if (distillation != Distillation.NONE) {
            ranges.put(WanSnapshot.SIGMA_MAX, SIGMAS);
        }
        if (distillation == Distillation.SPARSE_LINEAR) {
            ranges.put(WanSnapshot.SPARSE_TOPK, TOP_SHARES);
        }
        return ranges;
    }
}
