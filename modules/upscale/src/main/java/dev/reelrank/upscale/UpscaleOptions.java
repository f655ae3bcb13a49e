package dev.reelrank.upscale;

import dev.reelrank.torch.DType;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

/**
 * How pictures are enlarged.
 *
 * @param tile side of the parts that a picture is computed in, in its own pixels
 * @param overlap pixels around each part that are computed and thrown away: the network looks
 *     further than a seam
 * @param batch parts computed at once
 * @param precision fp32, bf16 or fp16; the last two are faster on a GPU, and slower on a CPU
 */
public record UpscaleOptions(int tile, int overlap, int batch, String precision) {
    private static final Map<String, DType> PRECISIONS =
            Map.of("fp32", DType.FLOAT32, "bf16", DType.BFLOAT16, "fp16", DType.FLOAT16);

    /** What suits most devices: 256 pixels, 32 around, one at a time, in full precision. */
    public static final UpscaleOptions DEFAULT = new UpscaleOptions(256, 32, 1, "fp32");

    public UpscaleOptions {
        require(tile >= 16 && tile % 2 == 0, "the tile must be even and at least 16, was " + tile);
        require(
                overlap >= 0 && overlap % 2 == 0,
                "the overlap must be even and at least 0, was " + overlap);
        require(batch >= 1, "the batch must be at least 1, was " + batch);
        require(
                PRECISIONS.containsKey(precision),
                "the precision must be one of %s, was '%s'"
                        .formatted(new TreeSet<>(PRECISIONS.keySet()), precision));
    }

    /** The type that the network computes in. */
    DType dtype() {
        return Objects.requireNonNull(PRECISIONS.get(precision));
    }

    private static void require(boolean ok, String message) {
        if (!ok) {
            throw new IllegalArgumentException(message);
        }
    }
}
