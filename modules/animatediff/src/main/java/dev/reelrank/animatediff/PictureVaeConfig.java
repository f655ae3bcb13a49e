package dev.reelrank.animatediff;

import dev.reelrank.diffusion.ConfigFile;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Sizes of the autoencoder of pictures.
 *
 * @param channels at each resolution, widest picture first
 * @param layers residual blocks of each resolution of the encoder; one more in the decoder
 * @param scaling factor of the latents that the UNet sees
 */
record PictureVaeConfig(
        List<Long> channels, int layers, long latentChannels, long groups, double scaling) {
    private static final double STABLE_DIFFUSION = 0.18215;

    static PictureVaeConfig read(ConfigFile file) {
        file.require("act_fn", "silu");
        for (String key :
                List.of("use_quant_conv", "use_post_quant_conv", "mid_block_add_attention")) {
            if (!file.flag(key, true)) {
                throw file.wrong(key, "true");
            }
        }
        var other = file.setOf("shift_factor", "latents_mean", "latents_std");
        if (!other.isEmpty()) {
            throw file.unsupported(other.get(0) + ": use the autoencoder of Stable Diffusion 1.5");
        }
        var channels = LongStream.of(file.integers("block_out_channels")).boxed().toList();
        for (var kind : List.of("down_block_types", "up_block_types")) {
            String needed = kind.startsWith("down") ? "DownEncoderBlock2D" : "UpDecoderBlock2D";
            if (!file.texts(kind).stream().allMatch(needed::equals)
                    || file.texts(kind).size() != channels.size()) {
                throw file.wrong(kind, channels.size() + " times " + needed);
            }
        }
        double scaling = file.number("scaling_factor", STABLE_DIFFUSION);
        if (scaling <= 0) {
            throw file.wrong("scaling_factor", "above 0");
        }
        return new PictureVaeConfig(
                channels,
                (int) file.integer("layers_per_block", 1),
                file.integer("latent_channels", 4),
                file.integer("norm_num_groups", 32),
                scaling);
    }

    /** Pixels a latent covers, each way. */
    int factor() {
        return 1 << (channels.size() - 1);
    }
}
