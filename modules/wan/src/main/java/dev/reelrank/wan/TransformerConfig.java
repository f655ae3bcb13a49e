package dev.reelrank.wan;

import dev.reelrank.diffusion.ConfigFile;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

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
     * Refuses a low-noise expert that is not like this high-noise one. All must agree: the second
     * expert is computed by the first one's sizes, and tensors of the right shapes do not tell
     * heads or epsilon.
     *
     * @param where both are, for the error
     * @throws StageException MODEL_MISMATCH naming the first difference
     */
    void requireLike(TransformerConfig low, String where) {
        Map<String, Object> others = low.sizes();
        sizes().forEach(
                        (name, value) -> {
                            Object other = others.get(name);
                            if (!value.equals(other)) {
                                throw new StageException(
                                        FailureCode.MODEL_MISMATCH,
                                        "%s belong to different models: %s is %s for high noise and %s for low noise; use both experts of one model"
                                                .formatted(where, name, value, other));
                            }
                        });
    }

    private Map<String, Object> sizes() {
        var sizes = new LinkedHashMap<String, Object>();
        sizes.put("distillation", distillation);
        sizes.put("the number of layers", layers);
        sizes.put("the number of heads", heads);
        sizes.put("the size of a head", headDim);
        sizes.put("the size of the feed-forward layers", ffnDim);
        sizes.put("the number of input channels", inChannels);
        sizes.put("the number of output channels", outChannels);
        sizes.put("the size of a patch", Arrays.stream(patch).boxed().toList());
        sizes.put("the size of a text token", textDim);
        sizes.put("the size of a timestep", frequencyDim);
        sizes.put("epsilon", epsilon);
        sizes.put("a norm before the cross-attention", crossNorm);
        sizes.put("the number of positions", maxPositions);
        return sizes;
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
