package dev.reelrank.cogvideox;

import dev.reelrank.diffusion.ConfigFile;

/**
 * Dimensions of the VAE.
 *
 * @param channels at each resolution
 * @param layers residual blocks of each resolution of the encoder; the decoder has one more
 * @param groups of the group norms
 * @param epsilon of the encoder's residual blocks
 * @param timeFactor frames that a latent frame covers, but for the first; a power of two
 * @param scale latents are multiplied by it for the transformer
 * @param invertedImageScale whether the latents of an image are divided by it instead:
 *     CogVideoX-1.5 was trained so
 */
record CogVaeConfig(
        long[] channels,
        int layers,
        long latentChannels,
        long groups,
        double epsilon,
        int timeFactor,
        double scale,
        boolean invertedImageScale) {
    static CogVaeConfig read(ConfigFile file) {
        var unsupported =
                file.setOf(
                        "use_quant_conv",
                        "use_post_quant_conv",
                        "shift_factor",
                        "latents_mean",
                        "latents_std");
        if (!unsupported.isEmpty()) {
            throw file.unsupported("a VAE with " + unsupported + ", which CogVideoX has not");
        }
        String activation = file.text("act_fn");
        if (activation != null && !activation.equals("silu")) {
            throw file.wrong("act_fn", "silu");
        }
        long[] channels =
                file.has("block_out_channels")
                        ? file.integers("block_out_channels")
                        : new long[] {128, 256, 256, 512};
        long groups = file.integer("norm_num_groups", 32);
        for (long width : channels) {
            if (width % groups != 0) {
                throw file.wrong("block_out_channels", "multiples of norm_num_groups, " + groups);
            }
        }
        int timeFactor = (int) file.integer("temporal_compression_ratio", 4);
        if (Integer.bitCount(timeFactor) != 1 || timeFactor >= 1 << channels.length) {
            throw file.wrong(
                    "temporal_compression_ratio", "a power of two below " + (1 << channels.length));
        }
        double scale = file.number("scaling_factor", 1.15258426);
        if (scale <= 0) {
            throw file.wrong("scaling_factor", "above 0");
        }
        return new CogVaeConfig(
                channels,
                (int) file.integer("layers_per_block", 3),
                file.integer("latent_channels", 16),
                groups,
                file.number("norm_eps", 1e-6),
                timeFactor,
                scale,
                file.flag("invert_scale_latents", false));
    }

    /** Pixels that a latent covers, each way. */
    int spaceFactor() {
        return 1 << (channels.length - 1);
    }

    /**
     * Whether the step after a resolution also halves or doubles time. The encoder counts from the
     * frames, the decoder from the latents.
     */
    boolean changesTime(int level) {
        return 1 << level < timeFactor;
    }

    /** What the latents of an image are multiplied by. */
    double imageScale() {
        return invertedImageScale ? 1 / scale : scale;
    }
}
