package dev.reelrank.upscale;

/**
 * How pictures are enlarged.
 *
 * @param tile side of the parts that a picture is computed in, in its own pixels
 * @param overlap pixels around each part that are computed and thrown away: the network looks
 *     further than a seam
 * @param batch parts computed at once
 * @param half whether it computes in half precision; only useful on a GPU
 */
public record UpscaleOptions(int tile, int overlap, int batch, boolean half) {
    /** What suits most devices: 256 pixels, 32 around, one at a time. */
    public static final UpscaleOptions DEFAULT = new UpscaleOptions(256, 32, 1, false);

    public UpscaleOptions {
        require(tile >= 16 && tile % 2 == 0, "the tile must be even and at least 16, was " + tile);
        require(
                overlap >= 0 && overlap % 2 == 0,
                "the overlap must be even and at least 0, was " + overlap);
        require(batch >= 1, "the batch must be at least 1, was " + batch);
    }

    private static void require(boolean ok, String message) {
        if (!ok) {
            throw new IllegalArgumentException(message);
        }
    }
}
