package dev.reelrank.qwen;

import java.util.List;

/**
 * The decoder's dimensions, apart from what the model around it sees.
 *
 * @param mropeSections rotary frequencies for time, height and width; their sum is headDim / 2
 * @param tiedHead whether the output head is the embedding table
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
        boolean tiedHead) {
    public DecoderConfig {
        mropeSections = List.copyOf(mropeSections);
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
                json.node().has("rope_parameters")
                        ? json.node().path("rope_parameters")
                        : json.node().path("rope_scaling");
        // Older still, the kind is called type, and multimodal rotation was a kind of its own.
        for (var key : List.of("rope_type", "type")) {
            var kind = rope.path(key).asText("default");
            if (!kind.equals("default") && !(key.equals("type") && kind.equals("mrope"))) {
                throw json.mismatch(key, kind, "default");
            }
        }
        var theta =
                rope.has("rope_theta")
                        ? rope.path("rope_theta").asDouble()
                        : json.node().path("rope_theta").asDouble(5e6);
        var heads = json.positive("num_attention_heads");
        var hidden = json.positive("hidden_size");
        var sections = ModelJson.integers(rope.path("mrope_section"));
        var config =
                new DecoderConfig(
                        json.positive("vocab_size"),
                        hidden,
                        json.positive("intermediate_size"),
                        json.positive("num_hidden_layers"),
                        heads,
                        json.node().path("num_key_value_heads").asInt(heads),
                        json.node().path("head_dim").asInt(hidden / heads),
                        json.node().path("rms_norm_eps").asDouble(1e-6),
                        theta,
                        sections.isEmpty() ? List.of(24, 20, 20) : sections,
                        json.node().path("attention_bias").asBoolean(false),
                        json.node().path("max_position_embeddings").asInt(262144),
                        root.node().path("tie_word_embeddings").asBoolean(false)
                                || json.node().path("tie_word_embeddings").asBoolean(false));
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
