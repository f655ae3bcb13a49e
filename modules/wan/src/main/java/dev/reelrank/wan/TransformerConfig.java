package dev.reelrank.wan;

import dev.reelrank.diffusion.ConfigFile;
import java.util.Arrays;

/**
 * Dimensions of one expert.
 *
 * @param inChannels 36 for image-to-video (latents 16, mask 4, condition 16), 16 for text-to-video
 * @param patch frames, rows and columns of a patch
 * @param frequencyDim of the timestep's sinusoids
 * @param distillation whether the weights were distilled for few steps
 */
public record TransformerConfig(
        long layers,
        long heads,
        long headDim,
        long ffnDim,
        long inChannels,
        long outChannels,
        int[] patch,
        long textDim,
        long frequencyDim,
        double epsilon,
        boolean crossNorm,
        long maxPositions,
        Distillation distillation) {
    /** Of weights that were not distilled. */
    public TransformerConfig(
            long layers,
            long heads,
            long headDim,
            long ffnDim,
            long inChannels,
            long outChannels,
            int[] patch,
            long textDim,
            long frequencyDim,
            double epsilon,
            boolean crossNorm,
            long maxPositions) {
        this(
                layers,
                heads,
                headDim,
                ffnDim,
                inChannels,
                outChannels,
                patch,
                textDim,
                frequencyDim,
                epsilon,
                crossNorm,
                maxPositions,
                Distillation.NONE);
    }

    /** The same sizes of weights that were distilled so. */
    TransformerConfig with(Distillation other) {
        return new TransformerConfig(
                layers,
                heads,
                headDim,
                ffnDim,
                inChannels,
                outChannels,
                patch,
                textDim,
                frequencyDim,
                epsilon,
                crossNorm,
                maxPositions,
                other);
    }

    public static TransformerConfig read(ConfigFile file) {
        var unsupported = file.setOf("image_dim", "added_kv_proj_dim", "pos_embed_seq_len");
        if (!unsupported.isEmpty()) {
            throw file.unsupported(
                    "a CLIP image branch (" + unsupported + "), as Wan2.1 has it: use Wan2.2-A14B");
        }
        String norm = file.text("qk_norm");
        if (norm != null && !norm.equals("rms_norm_across_heads")) {
            throw file.wrong("qk_norm", "rms_norm_across_heads");
        }
        if (file.integer("attention_head_dim") % 2 != 0) {
            throw file.wrong("attention_head_dim", "even: positions turn pairs of numbers");
        }
        long[] patch = file.integers("patch_size");
        if (patch.length != 3) {
            throw file.wrong("patch_size", "three numbers");
        }
        return new TransformerConfig(
                file.integer("num_layers"),
                file.integer("num_attention_heads"),
                file.integer("attention_head_dim"),
                file.integer("ffn_dim"),
                file.integer("in_channels"),
                file.integer("out_channels"),
                new int[] {(int) patch[0], (int) patch[1], (int) patch[2]},
                file.integer("text_dim"),
                file.integer("freq_dim"),
                file.number("eps", 1e-6),
                file.flag("cross_attn_norm", true),
                file.integer("rope_max_seq_len", 1024));
    }

    /** Wan2.2-A14B as published: 40 layers, 40 heads of 128. */
    public static TransformerConfig a14b(boolean imageToVideo) {
        return new TransformerConfig(
                40,
                40,
                128,
                13824,
                imageToVideo ? 36 : 16,
                16,
                new int[] {1, 2, 2},
                4096,
                256,
                1e-6,
                true,
                1024);
    }

    /**
     * Whether another expert has the same sizes. All must agree: the second expert is computed by
     * the first one's, and tensors of the right shapes do not tell heads or epsilon.
     */
    boolean isLike(TransformerConfig other) {
        return layers == other.layers
                && heads == other.heads
                && headDim == other.headDim
                && ffnDim == other.ffnDim
                && inChannels == other.inChannels
                && outChannels == other.outChannels
                && Arrays.equals(patch, other.patch)
                && textDim == other.textDim
                && frequencyDim == other.frequencyDim
                && epsilon == other.epsilon
                && crossNorm == other.crossNorm
                && maxPositions == other.maxPositions
                && distillation == other.distillation;
    }

    /** Width of the hidden states. */
    public long dim() {
        return heads * headDim;
    }

    /** Numbers in one output patch. */
    public long patchVolume() {
        return (long) patch[0] * patch[1] * patch[2];
    }
}
