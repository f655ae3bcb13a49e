package dev.reelrank.diffusion.text;

import dev.reelrank.diffusion.ConfigFile;

/**
 * Sizes of a T5 or UMT5 encoder.
 *
 * @param buckets of relative positions
 * @param maxDistance beyond which all positions share a bucket
 * @param sharedPositions whether all layers use the first one's table of positions, as in T5; UMT5
 *     has a table a layer
 */
public record TextEncoderConfig(
        long vocabulary,
        long dim,
        long headDim,
        long heads,
        long ffnDim,
        long layers,
        long buckets,
        long maxDistance,
        double epsilon,
        boolean sharedPositions) {
    /** Of UMT5. */
    public TextEncoderConfig(
            long vocabulary,
            long dim,
            long headDim,
            long heads,
            long ffnDim,
            long layers,
            long buckets,
            long maxDistance,
            double epsilon) {
        this(vocabulary, dim, headDim, heads, ffnDim, layers, buckets, maxDistance, epsilon, false);
    }

    public static TextEncoderConfig read(ConfigFile file) {
        String activation = file.text("feed_forward_proj");
        if (activation != null && !activation.equals("gated-gelu")) {
            throw file.wrong("feed_forward_proj", "gated-gelu");
        }
        return new TextEncoderConfig(
                file.integer("vocab_size"),
                file.integer("d_model"),
                file.integer("d_kv"),
                file.integer("num_heads"),
                file.integer("d_ff"),
                file.integer("num_layers"),
                file.integer("relative_attention_num_buckets", 32),
                file.integer("relative_attention_max_distance", 128),
                file.number("layer_norm_epsilon", 1e-6),
                "t5".equals(file.text("model_type")));
    }

    /** UMT5-XXL. */
    public static TextEncoderConfig xxl() {
        return new TextEncoderConfig(256384, 4096, 64, 64, 10240, 24, 32, 128, 1e-6);
    }
}
