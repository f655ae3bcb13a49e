package dev.reelrank.pipeline.config;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What is done to the winners of a run when they become files. No stage knows of it: what is ranked
 * and graded is what was generated.
 *
 * @param upscale name of the weights of a Real-ESRGAN that enlarge them: a file of this name
 *     without its ending; null for none ("none" in a configuration)
 * @param precision fp32, bf16 or fp16
 * @param tile side of the parts that a frame is computed in, in its own pixels, even, 16..4096
 * @param overlap pixels around each part that are computed and thrown away, even, 0..512
 */
public record FinishConfig(@Nullable String upscale, String precision, int tile, int overlap) {
    private static final String NONE = "none";
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
    private static final List<String> PRECISIONS = List.of("fp32", "bf16", "fp16");

    public FinishConfig {
        if (NONE.equals(upscale)) {
            upscale = null;
        }
        // A client of another machine may write it: never a path.
        Check.that(
                upscale == null || NAME.matcher(upscale).matches(),
                "finish.upscale",
                upscale,
                "none, or the name of a file of weights without its ending, such as RealESRGAN_x4plus");
        Check.that(
                PRECISIONS.contains(precision),
                "finish.precision",
                precision,
                "one of " + PRECISIONS);
        Check.range("finish.tile", tile, 16, 4096);
        Check.that(tile % 2 == 0, "finish.tile", tile, "even");
        Check.range("finish.overlap", overlap, 0, 512);
        Check.that(overlap % 2 == 0, "finish.overlap", overlap, "even");
    }

    /** The winners stay as they were generated. */
    public static FinishConfig defaults() {
        return new FinishConfig(null, "fp32", 256, 32);
    }
}
