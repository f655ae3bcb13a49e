package dev.reelrank.cogvideox;

import dev.reelrank.diffusion.ConfigFile;
import java.util.List;

/**
 * Dimensions of the transformer.
 *
 * @param inChannels of the latents, twice as many with an image
 * @param patch rows and columns of a patch
 * @param framePatch frames of a patch; 0 for CogVideoX 1.0, whose patches lie in one frame
 * @param offsetDim of the embedding that only 1.5 image-to-video has; 0 for none
 * @param sampleWidth of the latents that it was trained on
 * @param sampleHeight of the latents that it was trained on
 * @param sampleFrames of the videos that it was trained on
 * @param timeFactor frames that a latent frame covers, but for the first
 * @param textRows rows of the prompt
 * @param rotary whether query and key are rotated by position; otherwise waves are added
 * @param learnedPositions whether a learned table of positions is added
 */
record CogTransformerConfig(
        int layers,
        long heads,
        long headDim,
        long inChannels,
        long outChannels,
        long timeDim,
        long offsetDim,
        long textDim,
        int patch,
        int framePatch,
        int sampleWidth,
        int sampleHeight,
        int sampleFrames,
        int timeFactor,
        int textRows,
        boolean attentionBias,
        double epsilon,
        boolean rotary,
        boolean learnedPositions,
        double spatialScale,
        double temporalScale) {
    /** Of a head's channels a quarter is for time and 3/8 for rows and columns each, in pairs. */
    private static final long HEAD_MULTIPLE = 16;

    static CogTransformerConfig read(ConfigFile file) {
        requireText(file, "activation_fn", "gelu-approximate");
        requireText(file, "timestep_activation_fn", "silu");
        for (String flag : List.of("norm_elementwise_affine", "flip_sin_to_cos")) {
            if (!file.flag(flag, true)) {
                throw file.wrong(flag, "true");
            }
        }
        if (file.number("freq_shift", 0) != 0) {
            throw file.wrong("freq_shift", "0");
        }
        long heads = file.integer("num_attention_heads", 30);
        long headDim = file.integer("attention_head_dim", 64);
        boolean rotary = file.flag("use_rotary_positional_embeddings", false);
        boolean learned = file.flag("use_learned_positional_embeddings", false);
        if (rotary && headDim % HEAD_MULTIPLE != 0) {
            throw file.wrong("attention_head_dim", "a multiple of " + HEAD_MULTIPLE);
        }
        if (learned && !rotary) {
            throw file.unsupported("learned positions without rotary ones");
        }
        if (!rotary && heads * headDim % HEAD_MULTIPLE != 0) {
            throw file.unsupported("a width that is no multiple of " + HEAD_MULTIPLE);
        }
        return new CogTransformerConfig(
                (int) file.integer("num_layers", 30),
                heads,
                headDim,
                file.integer("in_channels", 16),
                file.integer("out_channels", 16),
                file.integer("time_embed_dim", 512),
                file.has("ofs_embed_dim") ? file.integer("ofs_embed_dim") : 0,
                file.integer("text_embed_dim", 4096),
                (int) file.integer("patch_size", 2),
                file.has("patch_size_t") ? (int) file.integer("patch_size_t") : 0,
                (int) file.integer("sample_width", 90),
                (int) file.integer("sample_height", 60),
                (int) file.integer("sample_frames", 49),
                (int) file.integer("temporal_compression_ratio", 4),
                (int) file.integer("max_text_seq_length", 226),
                file.flag("attention_bias", true),
                file.number("norm_eps", 1e-5),
                rotary,
                learned,
                file.number("spatial_interpolation_scale", 1.875),
                file.number("temporal_interpolation_scale", 1));
    }

    private static void requireText(ConfigFile file, String key, String value) {
        String said = file.text(key);
        if (said != null && !said.equals(value)) {
            throw file.wrong(key, value);
        }
    }

    /** Width of the hidden states. */
    long dim() {
        return heads * headDim;
    }

    /** Latent frames that a patch covers. */
    int patchFrames() {
        return Math.max(1, framePatch);
    }

    /** Latents in one patch of one channel. */
    long patchVolume() {
        return (long) patchFrames() * patch * patch;
    }
}
