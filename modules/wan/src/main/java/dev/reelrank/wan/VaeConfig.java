package dev.reelrank.wan;

import dev.reelrank.diffusion.ConfigFile;

/**
 * Sizes of the VAE.
 *
 * @param multipliers of the base width, one a resolution
 * @param temporal whether the step down after each resolution but the last also halves time
 * @param mean of each latent channel
 * @param deviation of each latent channel
 */
record VaeConfig(
        long baseDim,
        long decoderBaseDim,
        long latentChannels,
        long[] multipliers,
        int residualBlocks,
        boolean[] temporal,
        double[] mean,
        double[] deviation) {
    static VaeConfig read(ConfigFile file) {
        var unsupported = file.setOf("attn_scales", "is_residual", "patch_size");
        if (!unsupported.isEmpty()) {
            throw file.unsupported(
                    "parts of the Wan2.2-5B VAE (" + unsupported + "): A14B uses the Wan2.1 VAE");
        }
        double[] multipliers = file.numbers("dim_mult");
        long[] widths = new long[multipliers.length];
        for (int i = 0; i < widths.length; i++) {
            widths[i] = (long) multipliers[i];
        }
        var config =
                new VaeConfig(
                        file.integer("base_dim"),
                        file.integer("decoder_base_dim", file.integer("base_dim")),
                        file.integer("z_dim"),
                        widths,
                        (int) file.integer("num_res_blocks"),
                        file.flags("temperal_downsample"),
                        file.numbers("latents_mean"),
                        file.numbers("latents_std"));
        if (config.temporal.length != widths.length - 1) {
            throw file.wrong("temperal_downsample", "a list of " + (widths.length - 1));
        }
        if (config.mean.length != config.latentChannels
                || config.deviation.length != config.latentChannels) {
            throw file.wrong("latents_mean", "a list of z_dim numbers, as latents_std");
        }
        return config;
    }

    /** The Wan2.1 VAE as published, which A14B uses. */
    static VaeConfig published() {
        return new VaeConfig(
                96,
                96,
                16,
                new long[] {1, 2, 4, 4},
                2,
                new boolean[] {false, true, true},
                new double[] {
                    -0.7571, -0.7089, -0.9113, 0.1075, -0.1745, 0.9653, -0.1517, 1.5508, 0.4134,
                    -0.0715, 0.5517, -0.3632, -0.1922, -0.9497, 0.2503, -0.2921
                },
                new double[] {
                    2.8184, 1.4541, 2.3275, 2.6558, 1.2196, 1.7708, 2.6052, 2.0743, 3.2687, 2.1526,
                    2.8652, 1.5579, 1.6382, 1.1253, 2.8251, 1.9160
                });
    }

    /** Pixels a latent covers, each way. */
    int spatialFactor() {
        return 1 << (multipliers.length - 1);
    }

    /** Frames a latent frame covers, but for the first, which covers one. */
    int temporalFactor() {
        int factor = 1;
        for (boolean step : temporal) {
            factor *= step ? 2 : 1;
        }
        return factor;
    }
}
