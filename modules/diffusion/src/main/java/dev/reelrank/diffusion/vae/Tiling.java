package dev.reelrank.diffusion.vae;

/**
 * Overlapping tiles that a VAE works through one by one, blended where they overlap: much less
 * memory for a little more time.
 *
 * @param size pixels a side, a multiple of the VAE's spatial factor
 * @param stride pixels from tile to tile, at most the size
 */
public record Tiling(int size, int stride) {
    /** Tiles of 256 pixels every 192, as the published pipelines use. */
    public static final Tiling STANDARD = new Tiling(256, 192);

    public Tiling {
        if (stride < 8 || size < stride || size % 8 != 0 || stride % 8 != 0) {
            throw new IllegalArgumentException(
                    "tiles need a stride of at least 8 and a size of at least the stride, both"
                            + " multiples of 8; got "
                            + size
                            + " and "
                            + stride);
        }
    }
}
