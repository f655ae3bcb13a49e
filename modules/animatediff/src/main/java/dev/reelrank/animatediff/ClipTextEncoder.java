package dev.reelrank.animatediff;

import dev.reelrank.torch.Attention;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Embedding;
import dev.reelrank.torch.LayerNorm;
import dev.reelrank.torch.Linear;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TensorSource;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.Weights;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * CLIP's text encoder: pre-norm blocks of causal attention over a text of fixed length, whose
 * padding is seen like any token.
 */
final class ClipTextEncoder implements AutoCloseable {
    private static final double QUICK = 1.702;

    private final TorchDevice device;
    private final Parameters parameters = new Parameters();
    private final Embedding tokens;
    private final Tensor positions;
    private final List<Block> blocks = new ArrayList<>();
    private final LayerNorm norm;

    /**
     * @param home where the weights go: the device, or the CPU if they only visit it
     * @param device where it computes
     */
    ClipTextEncoder(
            ClipTextConfig config,
            TensorSource source,
            TorchDevice home,
            TorchDevice device,
            DType dtype) {
        this.device = device;
        try {
            var root = new Weights(source, home, dtype, parameters);
            Weights weights = root.child("text_model");
            tokens =
                    Embedding.load(
                            weights.child("embeddings.token_embedding"),
                            config.vocabulary(),
                            config.dim());
            positions =
                    weights.take(
                            "embeddings.position_embedding.weight", config.length(), config.dim());
            // Numbers 0 to 76, which old files hold.
            weights.ignore("embeddings.position_ids");
            for (int i = 0; i < config.layers(); i++) {
                blocks.add(new Block(config, weights.child("encoder.layers." + i)));
            }
            norm =
                    LayerNorm.load(
                            weights.child("final_layer_norm"), config.dim(), config.epsilon());
            root.requireAllUsed();
        } catch (RuntimeException e) {
            parameters.close();
            throw e;
        }
    }

    /**
     * Encodes a text.
     *
     * @param ids as many as the configuration's length
     * @param skip last blocks that are left out; the final norm is not
     * @return shape (length, dim) on the encoder's device, in its type
     */
    Tensor apply(long[] ids, int skip) {
        return TensorScope.compute(
                () -> {
                    Tensor rows =
                            tokens.apply(device.place(Ops.tensor(ids, 1, ids.length), DType.INT64));
                    Tensor x = rows.add(positions);
                    for (var block : blocks.subList(0, blocks.size() - skip)) {
                        x = block.apply(x);
                    }
                    return norm.apply(x).squeeze(0);
                });
    }

    Parameters parameters() {
        return parameters;
    }

    @Override
    public void close() {
        parameters.close();
    }

    private static final class Block {
        private final boolean quickGelu;
        private final long[] split;
        private final LayerNorm norm1;
        private final Linear query;
        private final Linear key;
        private final Linear value;
        private final Linear out;
        private final LayerNorm norm2;
        private final Linear up;
        private final Linear down;

        Block(ClipTextConfig config, Weights layer) {
            long dim = config.dim();
            quickGelu = config.quickGelu();
            split = new long[] {config.heads(), dim / config.heads()};
            norm1 = LayerNorm.load(layer.child("layer_norm1"), dim, config.epsilon());
            Weights attention = layer.child("self_attn");
            query = Linear.load(attention.child("q_proj"), dim, dim, true);
            key = Linear.load(attention.child("k_proj"), dim, dim, true);
            value = Linear.load(attention.child("v_proj"), dim, dim, true);
            out = Linear.load(attention.child("out_proj"), dim, dim, true);
            norm2 = LayerNorm.load(layer.child("layer_norm2"), dim, config.epsilon());
            up = Linear.load(layer.child("mlp.fc1"), dim, config.ffnDim(), true);
            down = Linear.load(layer.child("mlp.fc2"), config.ffnDim(), dim, true);
        }

        Tensor apply(Tensor x) {
            return TensorScope.compute(
                    () -> {
                        Tensor n = norm1.apply(x);
                        Tensor seen =
                                Attention.causal(
                                        heads(query.apply(n)),
                                        heads(key.apply(n)),
                                        heads(value.apply(n)));
                        Tensor h = x.add(out.apply(seen.transpose(1, 2).flatten(2, 3)));
                        return h.add(down.apply(activated(up.apply(norm2.apply(h)))));
                    });
        }

        private Tensor activated(Tensor x) {
            return quickGelu ? x.mul(Ops.mul(x, QUICK).sigmoid()) : Ops.geluExact(x);
        }

        private Tensor heads(Tensor x) {
            return x.unflatten(-1, split).transpose(1, 2);
        }
    }
}
