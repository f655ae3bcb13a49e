package dev.reelrank.animatediff;

import dev.reelrank.diffusion.ConfigFile;

/**
 * Sizes of CLIP's text encoder.
 *
 * @param length tokens of every text
 * @param quickGelu whether the feed-forward uses {@code x · sigmoid(1.702 x)}, not GELU
 */
record ClipTextConfig(
        long vocabulary,
        long dim,
        long ffnDim,
        int layers,
        long heads,
        int length,
        boolean quickGelu,
        double epsilon) {
    static ClipTextConfig read(ConfigFile file) {
        String activation = file.text("hidden_act");
        if (activation != null && !activation.matches("quick_gelu|gelu")) {
            throw file.wrong("hidden_act", "quick_gelu or gelu");
        }
        return new ClipTextConfig(
                file.integer("vocab_size"),
                file.integer("hidden_size"),
                file.integer("intermediate_size"),
                (int) file.integer("num_hidden_layers"),
                file.integer("num_attention_heads"),
                (int) file.integer("max_position_embeddings", 77),
                activation == null || activation.equals("quick_gelu"),
                file.number("layer_norm_eps", 1e-5));
    }
}
