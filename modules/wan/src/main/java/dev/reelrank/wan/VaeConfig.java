package dev.reelrank.wan;

import dev.reelrank.diffusion.ConfigFile;
import java.util.Arrays;
import java.util.List;

/**
 * Dimensions of the VAE.
 *
 * @param multipliers of the base width, one a resolution
 * @param temporal whether the step down after each resolution but the last also halves time
 * @param mean of each latent channel
 * @param deviation of each latent channel
 * @param residual whether each resolution has a shortcut around it, as in Wan2.2's VAE
 * @param patch rows and columns of pixels that are its channels; 1 for the pixels themselves
 */
public record VaeConfig(
        long baseDim,
        long decoderBaseDim,
        long latentChannels,
        long[] multipliers,
        int residualBlocks,
        boolean[] temporal,
        double[] mean,
        double[] deviation,
        boolean residual,
        int patch) {
    /** Wan2.1's: pixels, no shortcuts. */
    public VaeConfig(
            long baseDim,
            long decoderBaseDim,
            long latentChannels,
            long[] multipliers,
            int residualBlocks,
            boolean[] temporal,
            double[] mean,
            double[] deviation) {
        this(
                baseDim,
                decoderBaseDim,
                latentChannels,
                multipliers,
                residualBlocks,
                temporal,
                mean,
                deviation,
                false,
                1);
    }

    public static VaeConfig read(ConfigFile file) {
        var unsupported = file.setOf("attn_scales");
        if (!unsupported.isEmpty()) {
            throw file.unsupported("attention (" + unsupported + "): no published Wan has it");
        }
        long[] multipliers = file.integers("dim_mult");
        boolean[] temporal = file.flags("temperal_downsample");
        if (temporal.length != multipliers.length - 1) {
            throw file.wrong(
                    "temperal_downsample", "a list of " + (multipliers.length - 1) + " flags");
        }
        long channels = file.integer("z_dim");
        double[] deviation = file.numbers("latents_std", channels);
        if (Arrays.stream(deviation).anyMatch(value -> value <= 0)) {
            throw file.wrong("latents_std", "a list of positive numbers");
        }
        var config =
                new VaeConfig(
                        file.integer("base_dim"),
                        file.integer("decoder_base_dim", file.integer("base_dim")),
                        channels,
                        multipliers,
                        (int) file.integer("num_res_blocks"),
                        temporal,
                        file.numbers("latents_mean", channels),
                        deviation,
                        file.flag("is_residual", false),
                        (int) file.integer("patch_size", 1));
        config.requireFit(file);
        return config;
    }

    private void requireFit(ConfigFile file) {
        for (String key : List.of("in_channels", "out_channels")) {
            if (file.integer(key, pixelChannels()) != pixelChannels()) {
                throw file.wrong(key, pixelChannels() + ": three colours of each pixel of a patch");
            }
        }
        if (file.integer("scale_factor_spatial", spatialFactor()) != spatialFactor()) {
            throw file.wrong("scale_factor_spatial", spatialFactor() + ", by its resolutions");
        }
        if (file.integer("scale_factor_temporal", temporalFactor()) != temporalFactor()) {
            throw file.wrong("scale_factor_temporal", temporalFactor() + ", by its steps");
        }
    }

    /** The Wan2.1 VAE as published, which A14B uses. */
    public static VaeConfig published() {
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
    public int spatialFactor() {
        return patch << (multipliers.length - 1);
    }

    /** Channels of the pictures that its layers see. */
    long pixelChannels() {
        return 3L * patch * patch;
    }

    /** Frames a latent frame covers, but for the first, which covers one. */
    public int temporalFactor() {
        int factor = 1;
        for (boolean step : temporal) {
            factor *= step ? 2 : 1;
        }
        return factor;
    }
}
