package dev.reelrank.qwen;

import dev.reelrank.qwen.FusedLinear.Bias;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Embedding;
import dev.reelrank.torch.Linear;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.RmsNorm;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Qwen3's decoder with grouped keys and values, a norm on every query and key head, gated
 * feed-forward, and DeepStack features added after its first layers.
 */
final class TextDecoder {
    private final QwenConfig.Text config;
    private final Embedding embedding;
    private final List<Layer> layers = new ArrayList<>();
    private final RmsNorm norm;
    private final Linear head;

    /**
     * @param weights at {@code model.language_model}
     * @param headWeights at the root, for {@code lm_head}
     */
    TextDecoder(Weights weights, Weights headWeights, QwenConfig config, Precision precision) {
        this.config = config.text();
        var hidden = this.config.hidden();
        var vocabulary = this.config.vocabulary();
        embedding = Embedding.load(weights.child("embed_tokens"), vocabulary, hidden);
        for (var i = 0; i < this.config.layers(); i++) {
            layers.add(new Layer(weights.child("layers." + i), this.config, precision));
        }
        norm = RmsNorm.load(weights.child("norm"), hidden, this.config.normEpsilon());
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
     * @param embedded shape (rows, tokens, hidden)
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
        var x = embedded;
        for (var i = 0; i < layers.size(); i++) {
            var layer = i;
            var input = x;
            x =
                    TensorScope.compute(
                            () -> {
                                var y = layers.get(layer).forward(layer, input, turns, keyValues);
                                return layer < deepstack.size()
                                        ? y.index_add_(
                                                1, imageColumns, deepstack.get(layer).unsqueeze(0))
                                        : y;
                            });
        }
        return x;
    }

    /** The logits of hidden states, shape (…, vocabulary). */
    Tensor logits(Tensor hidden) {
        return TensorScope.compute(() -> head.apply(norm.apply(hidden)));
    }

    private static final class Layer {
        private final QwenConfig.Text config;
        private final RmsNorm inputNorm;
        private final RmsNorm middleNorm;
        private final Linear qkv;
        private final Linear out;
        private final Linear gateUp;
        private final Linear down;
        private final Tensor headNorm;
        private final TensorOptional none;
        private final DoubleOptional epsilon;
        private final long[] headShape;

        Layer(Weights weights, QwenConfig.Text config, Precision precision) {
            this.config = config;
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
                            precision);
            out =
                    FusedLinear.load(
                            attention,
                            List.of("o_proj"),
                            queries,
                            List.of(hidden),
                            bias,
                            precision);
            var mlp = weights.child("mlp");
            gateUp =
                    FusedLinear.load(
                            mlp,
                            List.of("gate_proj", "up_proj"),
                            hidden,
                            List.of(wide, wide),
                            Bias.ABSENT,
                            precision);
            down =
                    FusedLinear.load(
                            mlp,
                            List.of("down_proj"),
                            wide,
                            List.of(hidden),
                            Bias.ABSENT,
                            precision);
            headShape = new long[] {config.headDim()};
            try (var scope = TensorScope.open()) {
                var parameters = weights.parameters();
                headNorm = parameters.own(headNorm(attention, config, weights.dtype()));
                none = parameters.own(new TensorOptional());
                epsilon = parameters.own(new DoubleOptional(config.normEpsilon()));
            }
        }

        /** The scales of every query and key head, shape (heads + keyValueHeads, headDim). */
        private static Tensor headNorm(Weights attention, QwenConfig.Text config, DType dtype) {
            var dim = config.headDim();
            var query = attention.child("q_norm").read("weight", dtype, dim);
            var key = attention.child("k_norm").read("weight", dtype, dim);
            return Ops.cat(
                    0,
                    query.unsqueeze(0).expand(config.heads(), -1),
                    key.unsqueeze(0).expand(config.keyValueHeads(), -1));
        }

        Tensor forward(int index, Tensor x, Rope.Turns turns, KeyValues keyValues) {
            var heads = config.heads();
            var shared = config.keyValueHeads();
            var parts =
                    qkv.apply(inputNorm.apply(x))
                            .view(x.size(0), x.size(1), heads + 2L * shared, config.headDim());
            // Queries and keys are normed and turned together.
            var normed =
                    torch.rms_norm(parts.narrow(2, 0, heads + shared), headShape, none, epsilon)
                            .mul(headNorm);
            var turned = turns.apply(normed);
            var attended =
                    keyValues.attend(
                            index,
                            turned.narrow(2, 0, heads),
                            turned.narrow(2, heads, shared),
                            parts.narrow(2, heads + shared, shared));
            var middle = x.add(out.apply(attended));
            var wide = gateUp.apply(middleNorm.apply(middle));
            var half = config.intermediate();
            var gated = torch.silu(wide.narrow(-1, 0, half)).mul(wide.narrow(-1, half, half));
            return middle.add(down.apply(gated));
        }
    }
}
