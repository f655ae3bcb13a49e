package dev.reelrank.animatediff;

import dev.reelrank.diffusion.ConfigFile;
import dev.reelrank.torch.Checkpoint;
import java.util.List;
import java.util.function.Function;
import java.util.stream.LongStream;

/**
 * Sizes of the UNet and of its motion modules.
 *
 * @param inChannels of the noisy latents
 * @param outChannels of the prediction
 * @param channels at each resolution, widest picture first
 * @param layers residual blocks at each resolution on the way down; one more on the way up
 * @param attends whether the blocks of a resolution see the text, by resolution
 * @param heads of the attention over positions, by resolution
 * @param textDim numbers of a row of the text
 * @param groups of the group norms of the pictures
 * @param epsilon of the residual blocks' norms
 * @param linearProjection whether the transformers' projections are linear layers, not convolutions
 * @param motion sizes of the motion modules
 */
record UnetConfig(
        long inChannels,
        long outChannels,
        List<Long> channels,
        int layers,
        List<Boolean> attends,
        List<Long> heads,
        long textDim,
        long groups,
        double epsilon,
        boolean linearProjection,
        Motion motion) {
    /**
     * Sizes of the motion modules.
     *
     * @param heads of the attention over frames, by resolution
     * @param maxFrames positions that they know
     * @param groups of their norms
     * @param middle whether the middle block has one
     */
    record Motion(List<Long> heads, int maxFrames, long groups, boolean middle) {}

    private static final String[] OTHER_MODELS = {
        "addition_embed_type",
        "class_embed_type",
        "encoder_hid_dim",
        "encoder_hid_dim_type",
        "time_cond_proj_dim",
        "dual_cross_attention",
        "only_cross_attention",
        "center_input_sample",
        "timestep_post_act",
        "time_embedding_act_fn",
        "projection_class_embeddings_input_dim"
    };

    /**
     * Reads the configuration of a UNet whose motion modules are in a file of their own.
     *
     * @param file of {@code UNet2DConditionModel}
     * @param adapter of {@code MotionAdapter}
     * @throws dev.reelrank.pipeline.StageException MODEL_MISMATCH naming what is not supported, or
     *     an adapter that does not fit
     */
    static UnetConfig read(ConfigFile file, ConfigFile adapter) {
        return read(file, pictures -> adapter(adapter, pictures.channels(), pictures.layers()));
    }

    /** The same of {@code UNetMotionModel}, which has its motion modules itself. */
    static UnetConfig read(ConfigFile file) {
        return read(file, pictures -> motion(file, pictures.resolutions(), pictures.groups()));
    }

    /** The same with motion modules whose file says nothing but its tensors. */
    static UnetConfig read(ConfigFile file, Checkpoint adapter) {
        return read(file, pictures -> MotionFile.sizes(adapter, pictures.resolutions()));
    }

    private static UnetConfig read(ConfigFile file, Function<UnetConfig, Motion> motion) {
        var other = file.setOf(OTHER_MODELS);
        if (!other.isEmpty()) {
            throw file.unsupported(
                    other.get(0) + ": AnimateDiff runs here on Stable Diffusion 1.5");
        }
        file.require("act_fn", "silu");
        file.require("resnet_time_scale_shift", "default");
        List<Long> channels = channels(file);
        int count = channels.size();
        List<Boolean> down = attends(file, "down_block_types", count);
        List<Boolean> up = attends(file, "up_block_types", count);
        for (int i = 0; i < count; i++) {
            if (!down.get(i).equals(up.get(count - 1 - i))) {
                throw file.wrong("up_block_types", "the kinds of down_block_types, backwards");
            }
        }
        int layers = same(file, "layers_per_block", count, 2);
        if (same(file, "transformer_layers_per_block", count, 1) != 1) {
            throw file.wrong("transformer_layers_per_block", "1");
        }
        // diffusers keeps the number of heads under either name.
        String heads =
                file.has("num_attention_heads") ? "num_attention_heads" : "attention_head_dim";
        long groups = file.integer("norm_num_groups", 32);
        var none = new Motion(List.of(), 1, 1, false);
        var pictures =
                new UnetConfig(
                        file.integer("in_channels", 4),
                        file.integer("out_channels", 4),
                        channels,
                        layers,
                        down,
                        file.each(heads, count, 8),
                        file.integer("cross_attention_dim", 1280),
                        groups,
                        file.number("norm_eps", 1e-5),
                        file.flag("use_linear_projection", false),
                        none);
        return pictures.with(motion.apply(pictures));
    }

    private UnetConfig with(Motion other) {
        return new UnetConfig(
                inChannels,
                outChannels,
                channels,
                layers,
                attends,
                heads,
                textDim,
                groups,
                epsilon,
                linearProjection,
                other);
    }

    private static List<Long> channels(ConfigFile file) {
        return LongStream.of(file.integers("block_out_channels")).boxed().toList();
    }

    private static List<Boolean> attends(ConfigFile file, String key, int count) {
        var kinds = file.texts(key);
        if (kinds.size() != count) {
            throw file.wrong(key, "a list of " + count + " blocks");
        }
        for (String kind : kinds) {
            if (!kind.matches("(CrossAttn)?(Down|Up)Block(2D|Motion)")) {
                throw file.wrong(
                        key, "blocks of Stable Diffusion 1.5, such as CrossAttnDownBlock2D");
            }
        }
        return kinds.stream().map(kind -> kind.startsWith("CrossAttn")).toList();
    }

    private static int same(ConfigFile file, String key, int count, long otherwise) {
        var values = file.each(key, count, otherwise);
        if (values.stream().distinct().count() != 1) {
            throw file.wrong(key, "the same for all blocks");
        }
        return (int) (long) values.get(0);
    }

    private static Motion motion(ConfigFile file, int count, long groups) {
        for (String key :
                List.of(
                        "temporal_transformer_layers_per_block",
                        "temporal_transformer_layers_per_mid_block")) {
            if (file.integer(key, 1) != 1) {
                throw file.wrong(key, "1");
            }
        }
        return new Motion(
                file.each("motion_num_attention_heads", count, 8),
                (int) file.integer("motion_max_seq_length", 32),
                groups,
                file.flag("use_motion_mid_block", true));
    }

    private static Motion adapter(ConfigFile file, List<Long> channels, int layers) {
        int count = channels.size();
        if (file.has("conv_in_channels")) {
            throw file.unsupported(
                    "conv_in_channels (PIA, which animates a picture): use an AnimateDiff adapter");
        }
        if (!channels(file).equals(channels)) {
            throw file.wrong(
                    "block_out_channels",
                    channels + " to fit the UNet beside it, so this adapter is for another model");
        }
        if (same(file, "motion_layers_per_block", count, 2) != layers) {
            throw file.wrong("motion_layers_per_block", layers + " to fit the UNet beside it");
        }
        for (String key :
                List.of(
                        "motion_transformer_layers_per_block",
                        "motion_transformer_layers_per_mid_block",
                        "motion_mid_block_layers_per_block")) {
            if (file.integer(key, 1) != 1) {
                throw file.wrong(key, "1");
            }
        }
        return new Motion(
                file.each("motion_num_attention_heads", count, 8),
                (int) file.integer("motion_max_seq_length", 32),
                file.integer("motion_norm_num_groups", 32),
                file.flag("use_motion_mid_block", true));
    }

    /** Numbers of the time embedding. */
    long timeDim() {
        return 4 * channels.get(0);
    }

    int resolutions() {
        return channels.size();
    }
}
