package dev.reelrank.qwen;

import java.util.List;

/**
 * The decoder's dimensions, apart from what the model around it sees.
 *
 * @param mropeSections rotary frequencies for time, height and width; their sum is headDim / 2
 * @param attentionBias whether queries, keys and values have an added vector
 * @param tiedHead whether the output head is the embedding table
 * @param outputBias whether the product behind the attention has an added vector
 * @param headNorms whether every query and key head is normed, as in Qwen3
 */
public record DecoderConfig(
        int vocabulary,
        int hidden,
        int intermediate,
        int layers,
        int heads,
        int keyValueHeads,
        int headDim,
        double normEpsilon,
        double ropeTheta,
        List<Integer> mropeSections,
        boolean attentionBias,
        int maxPositions,
        boolean tiedHead,
        boolean outputBias,
        boolean headNorms) {
    public DecoderConfig {
        mropeSections = List.copyOf(mropeSections);
    }

    /** Qwen3's: the attention's products have the same bias, and heads are normed. */
    public DecoderConfig(
            int vocabulary,
            int hidden,
            int intermediate,
            int layers,
            int heads,
            int keyValueHeads,
            int headDim,
            double normEpsilon,
            double ropeTheta,
            List<Integer> mropeSections,
            boolean attentionBias,
            int maxPositions,
            boolean tiedHead) {
        this(
                vocabulary,
                hidden,
                intermediate,
                layers,
                heads,
                keyValueHeads,
                headDim,
                normEpsilon,
                ropeTheta,
                mropeSections,
                attentionBias,
                maxPositions,
                tiedHead,
                attentionBias,
                true);
    }

    /** The same sizes as Qwen2 computes with them: q, k and v have a bias, heads have no norm. */
    DecoderConfig asQwen2(int words) {
        return new DecoderConfig(
                words,
                hidden,
                intermediate,
                layers,
                heads,
                keyValueHeads,
                headDim,
                normEpsilon,
                ropeTheta,
                mropeSections,
                true,
                maxPositions,
                true,
                false,
                false);
    }

    /**
     * Reads the decoder's part of a config.json.
     *
     * @param json the object that holds the decoder's keys
     * @param root the file's outermost object: some files tie the head there
     * @throws dev.reelrank.pipeline.StageException MODEL_MISMATCH naming the file and the value
     *     when it describes another architecture
     */
    static DecoderConfig read(ModelJson json, ModelJson root) {
        json.requireText("hidden_act", "silu");
        // Older files call it rope_scaling and keep the base beside it.
        var rope =
                json.section(
                        json.node().hasNonNull("rope_parameters")
                                ? "rope_parameters"
                                : "rope_scaling");
        // Older still, the kind is called type, and multimodal rotation was a kind of its own.
        for (var key : List.of("rope_type", "type")) {
            var kind = rope.node().path(key).asText("default");
            if (!kind.equals("default") && !(key.equals("type") && kind.equals("mrope"))) {
                throw json.mismatch(key, kind, "default");
            }
        }
        var theta = rope.number("rope_theta", json.number("rope_theta", 5e6));
        json.require(theta > 0, "rope_theta has to be above 0");
        var heads = json.positive("num_attention_heads");
        var hidden = json.positive("hidden_size");
        var sections = rope.integers("mrope_section");
        var config =
                new DecoderConfig(
                        json.positive("vocab_size"),
                        hidden,
                        json.positive("intermediate_size"),
                        json.positive("num_hidden_layers"),
                        heads,
                        json.integer("num_key_value_heads", heads),
                        json.integer("head_dim", hidden / heads),
                        json.number("rms_norm_eps", 1e-6),
                        theta,
                        sections.isEmpty() ? List.of(24, 20, 20) : sections,
                        json.flag("attention_bias", false),
                        json.integer("max_position_embeddings", 262144),
                        root.flag("tie_word_embeddings", false)
                                || json.flag("tie_word_embeddings", false));
        config.check(json);
        return config;
    }

    private void check(ModelJson json) {
        var sum = mropeSections.stream().mapToInt(Integer::intValue).sum();
        json.require(
                mropeSections.size() == 3 && 2 * sum == headDim,
                "mrope_section must be three counts with the sum head_dim / 2");
        json.require(
                keyValueHeads > 0 && heads % keyValueHeads == 0,
                "num_attention_heads is no multiple of num_key_value_heads");
    }
}
