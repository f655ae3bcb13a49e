package dev.reelrank.qwen;

import dev.reelrank.qwen.FusedLinear.Bias;
import dev.reelrank.torch.Attention;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Embedding;
import dev.reelrank.torch.Linear;
import dev.reelrank.torch.LinearAdapters;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.RmsNorm;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import dev.reelrank.torch.train.Block;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Qwen's decoder with grouped keys and values, gated feed-forward, in Qwen3 a norm on every query
 * and key head, and DeepStack features added after its first layers.
 */
final class TextDecoder {
    private final Embedding embedding;
    private final List<Layer> layers = new ArrayList<>();
    private final RmsNorm norm;
    private final Linear head;

    /**
     * @param weights at {@code model.language_model}
     * @param headWeights at the root, for {@code lm_head}
     * @param math what lies between the products; belongs to the caller
     * @param adapters beside the products of the layers
     */
    TextDecoder(
            Weights weights,
            Weights headWeights,
            DecoderConfig config,
            QwenPrecision precision,
            DecoderMath math,
            LinearAdapters adapters) {
        var hidden = config.hidden();
        var vocabulary = config.vocabulary();
        embedding = Embedding.load(weights.child("embed_tokens"), vocabulary, hidden);
        for (var i = 0; i < config.layers(); i++) {
            layers.add(new Layer(weights.child("layers." + i), config, precision, math, adapters));
        }
        norm = RmsNorm.load(weights.child("norm"), hidden, config.normEpsilon());
        if (config.tiedHead()) {
            headWeights.ignore("lm_head.weight");
            head = FusedLinear.of(weights.parameters(), embedding.table(), null);
        } else {
            head =
                    FusedLinear.load(
                            headWeights,
                            List.of("lm_head"),
                            hidden,
                            List.of((long) vocabulary),
                            Bias.ABSENT,
                            precision);
        }
    }

    /** Token embeddings, shape (…, hidden). */
    Tensor embed(Tensor ids) {
        return embedding.apply(ids);
    }

    /**
     * Runs every layer.
     *
     * @param embedded shape (rows, tokens, hidden); changed
     * @param imageColumns where image tokens stand, int64, shape (image tokens); only with one row,
     *     null without deepstack
     * @param deepstack features for the first layers, shape (image tokens, hidden) each; may be
     *     empty
     * @return shape (rows, tokens, hidden), before the final norm
     */
    Tensor forward(
            Tensor embedded,
            Rope.Turns turns,
            KeyValues keyValues,
            @Nullable Tensor imageColumns,
            List<Tensor> deepstack) {
        // What a layer ends with is added where the next one begins, in one pass with its norm.
        @Nullable Tensor change = null;
        for (var i = 0; i < layers.size(); i++) {
            var layer = i;
            var before = change;
            change =
                    TensorScope.compute(
                            () ->
                                    layers.get(layer)
                                            .forward(layer, embedded, before, turns, keyValues));
            if (i < deepstack.size()) {
                var last = change;
                TensorScope.run(
                        () ->
                                embedded.add_(last)
                                        .index_add_(
                                                1,
                                                imageColumns,
                                                deepstack.get(layer).unsqueeze(0)));
                change = null;
            }
        }
        return change == null ? embedded : embedded.add_(change);
    }

    /**
     * The layers one by one, for a row of tokens and without a cache, so that they can be recorded
     * for gradients: hidden states in, hidden states out, shape (1, tokens, hidden).
     *
     * @param imageColumns and deepstack as in {@link #forward}
     */
    List<Block> blocks(Rope.Turns turns, @Nullable Tensor imageColumns, List<Tensor> deepstack) {
        var blocks = new ArrayList<Block>();
        for (var i = 0; i < layers.size(); i++) {
            var layer = layers.get(i);
            var seen = i < deepstack.size() ? deepstack.get(i) : null;
            blocks.add(
                    state -> {
                        var x = layer.record(state[0], turns);
                        return new Tensor[] {
                            seen == null ? x : x.index_add(1, imageColumns, seen.unsqueeze(0))
                        };
                    });
        }
        return blocks;
    }

    /** The logits of hidden states, shape (…, vocabulary). */
    Tensor logits(Tensor hidden) {
        return TensorScope.compute(() -> head.apply(norm.apply(hidden)));
    }

    /** Hidden states behind the final norm. */
    Tensor normed(Tensor hidden) {
        return norm.apply(hidden);
    }

    private static final class Layer {
        private final DecoderConfig config;
        private final RmsNorm inputNorm;
        private final RmsNorm middleNorm;
        private final Linear qkv;
        private final Linear out;
        private final Linear gateUp;
        private final Linear down;
        private final @Nullable Tensor headNorm;
        private final DecoderMath math;

        /** Fused kernels have no gradients. */
        private final DecoderMath recorded;

        Layer(
                Weights weights,
                DecoderConfig config,
                QwenPrecision precision,
                DecoderMath math,
                LinearAdapters adapters) {
            recorded = new PlainMath(config);
            this.config = config;
            this.math = math;
            long hidden = config.hidden();
            long wide = config.intermediate();
            inputNorm =
                    RmsNorm.load(weights.child("input_layernorm"), hidden, config.normEpsilon());
            middleNorm =
                    RmsNorm.load(
                            weights.child("post_attention_layernorm"),
                            hidden,
                            config.normEpsilon());
            var attention = weights.child("self_attn");
            var bias = config.attentionBias() ? Bias.PRESENT : Bias.ABSENT;
            long queries = (long) config.heads() * config.headDim();
            long keys = (long) config.keyValueHeads() * config.headDim();
            qkv =
                    FusedLinear.load(
                            attention,
                            List.of("q_proj", "k_proj", "v_proj"),
                            hidden,
                            List.of(queries, keys, keys),
                            bias,
                            precision,
                            adapters);
            out =
                    FusedLinear.load(
                            attention,
                            List.of("o_proj"),
                            queries,
                            List.of(hidden),
                            config.outputBias() ? Bias.PRESENT : Bias.ABSENT,
                            precision,
                            adapters);
            var mlp = weights.child("mlp");
            gateUp =
                    FusedLinear.load(
                            mlp,
                            List.of("gate_proj", "up_proj"),
                            hidden,
                            List.of(wide, wide),
                            Bias.ABSENT,
                            precision,
                            adapters);
            down =
                    FusedLinear.load(
                            mlp,
                            List.of("down_proj"),
                            wide,
                            List.of(hidden),
                            Bias.ABSENT,
                            precision,
                            adapters);
            if (config.headNorms()) {
                try (var scope = TensorScope.open()) {
                    headNorm =
                            weights.parameters().own(headNorm(attention, config, weights.dtype()));
                }
            } else {
                headNorm = null;
            }
        }

        /** The scales of every query and key head, shape (heads + keyValueHeads, headDim). */
        private static Tensor headNorm(Weights attention, DecoderConfig config, DType dtype) {
            var dim = config.headDim();
            var query = attention.child("q_norm").read("weight", dtype, dim);
            var key = attention.child("k_norm").read("weight", dtype, dim);
            return Ops.cat(
                    0,
                    query.unsqueeze(0).expand(config.heads(), -1),
                    key.unsqueeze(0).expand(config.keyValueHeads(), -1));
        }

        /**
         * The same without a cache, and nothing is changed in place, so that it can be recorded for
         * gradients.
         *
         * @param x one row of tokens, each of which sees itself and what is before it
         * @return the hidden states after this layer, shape as x
         */
        Tensor record(Tensor x, Rope.Turns turns) {
            var heads = config.heads();
            var shared = config.keyValueHeads();
            var parts =
                    qkv.apply(inputNorm.apply(x))
                            .view(x.size(0), x.size(1), heads + 2L * shared, config.headDim());
            var turned = recorded.turnHeads(parts, headNorm, turns);
            var attended =
                    Attention.causal(
                            turned.narrow(2, 0, heads).transpose(1, 2),
                            repeated(turned.narrow(2, heads, shared)),
                            repeated(parts.narrow(2, heads + shared, shared)));
            var joined = attended.transpose(1, 2).reshape(x.size(0), x.size(1), -1);
            var y = x.add(out.apply(joined));
            return y.add(down.apply(recorded.gated(gateUp.apply(middleNorm.apply(y)))));
        }

        /** Each head as often as queries share it; (rows, tokens, heads, dim), heads first. */
        private Tensor repeated(Tensor x) {
            long times = config.heads() / config.keyValueHeads();
            var heads = x.transpose(1, 2);
            return heads.unsqueeze(2)
                    .expand(-1, -1, times, -1, -1)
                    .reshape(heads.size(0), heads.size(1) * times, heads.size(2), heads.size(3));
        }

        /**
         * @param x changed in place: the change of the layer before and of attention are added
         * @return what the feed-forward adds to x
         */
        Tensor forward(
                int index,
                Tensor x,
                @Nullable Tensor before,
                Rope.Turns turns,
                KeyValues keyValues) {
            var heads = config.heads();
            var shared = config.keyValueHeads();
            var parts =
                    qkv.apply(math.addNorm(x, before, inputNorm))
                            .view(x.size(0), x.size(1), heads + 2L * shared, config.headDim());
            var turned = math.turnHeads(parts, headNorm, turns);
            var attended =
                    keyValues.attend(
                            index,
                            turned.narrow(2, 0, heads),
                            turned.narrow(2, heads, shared),
                            parts.narrow(2, heads + shared, shared));
            var wide = gateUp.apply(math.addNorm(x, out.apply(attended), middleNorm));
            return down.apply(math.gated(wide));
        }
    }
}
