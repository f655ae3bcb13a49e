package dev.reelrank.diffusion.text;

import dev.reelrank.torch.Attention;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Embedding;
import dev.reelrank.torch.Linear;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.RmsNorm;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TensorSource;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.Weights;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The UMT5 encoder: pre-norm blocks of bidirectional attention with relative position biases (a
 * table a layer, scores unscaled) and a gated GELU.
 *
 * <p>Only the prompt's own tokens are computed: padding is masked out of the attention and its
 * output is replaced by zeros afterwards, so it changes nothing.
 */
public final class TextEncoder implements AutoCloseable {
    private final TextEncoderConfig config;
    private final TorchDevice device;
    private final Parameters parameters = new Parameters();
    private final Embedding embedding;
    private final List<Block> blocks = new ArrayList<>();
    private final RmsNorm norm;

    /**
     * @param home where the weights go: the device, or the CPU if they only visit it
     * @param device where it computes
     * @param dtype float32 on the CPU, bfloat16 or float32 on a GPU
     */
    public TextEncoder(
            TextEncoderConfig config,
            TensorSource source,
            TorchDevice home,
            TorchDevice device,
            DType dtype) {
        this.config = config;
        this.device = device;
        var weights = new Weights(source, home, dtype, parameters);
        try {
            // The table has two names; some snapshots store it under one of them, some under both.
            boolean shared = source.names().isEmpty() || source.has("shared.weight");
            embedding =
                    Embedding.load(
                            weights.child(shared ? "shared" : "encoder.embed_tokens"),
                            config.vocabulary(),
                            config.dim());
            weights.ignore("encoder.embed_tokens.weight");
            for (int i = 0; i < config.layers(); i++) {
                blocks.add(new Block(config, weights.child("encoder.block." + i + ".layer")));
            }
            norm =
                    RmsNorm.load(
                            weights.child("encoder.final_layer_norm"),
                            config.dim(),
                            config.epsilon());
            weights.requireAllUsed();
        } catch (RuntimeException e) {
            parameters.close();
            throw e;
        }
    }

    /**
     * Encodes a prompt.
     *
     * @param ids of one prompt, without padding
     * @return shape (1, ids, dim) on the encoder's device, in its type
     */
    public Tensor apply(long[] ids) {
        return TensorScope.compute(
                () -> {
                    Tensor x =
                            embedding.apply(
                                    device.place(Ops.tensor(ids, 1, ids.length), DType.INT64));
                    Tensor buckets =
                            device.place(
                                    Ops.tensor(
                                            RelativePositions.buckets(
                                                    ids.length,
                                                    config.buckets(),
                                                    config.maxDistance()),
                                            ids.length,
                                            ids.length),
                                    DType.INT64);
                    for (var block : blocks) {
                        x = block.apply(x, buckets);
                    }
                    return norm.apply(x);
                });
    }

    /** Bytes of its weights. */
    public long bytes() {
        return parameters.bytes();
    }

    public Parameters parameters() {
        return parameters;
    }

    @Override
    public void close() {
        parameters.close();
    }

    private static final class Block {
        private final TextEncoderConfig config;
        private final RmsNorm attentionNorm;
        private final Linear query;
        private final Linear key;
        private final Linear value;
        private final Linear out;
        private final Embedding bias;
        private final RmsNorm ffnNorm;
        private final Linear gate;
        private final Linear up;
        private final Linear down;

        Block(TextEncoderConfig config, Weights layer) {
            this.config = config;
            long inner = config.heads() * config.headDim();
            Weights attention = layer.child("0.SelfAttention");
            attentionNorm =
                    RmsNorm.load(layer.child("0.layer_norm"), config.dim(), config.epsilon());
            query = Linear.load(attention.child("q"), config.dim(), inner, false);
            key = Linear.load(attention.child("k"), config.dim(), inner, false);
            value = Linear.load(attention.child("v"), config.dim(), inner, false);
            out = Linear.load(attention.child("o"), inner, config.dim(), false);
            bias =
                    Embedding.load(
                            attention.child("relative_attention_bias"),
                            config.buckets(),
                            config.heads());
            ffnNorm = RmsNorm.load(layer.child("1.layer_norm"), config.dim(), config.epsilon());
            Weights dense = layer.child("1.DenseReluDense");
            gate = Linear.load(dense.child("wi_0"), config.dim(), config.ffnDim(), false);
            up = Linear.load(dense.child("wi_1"), config.dim(), config.ffnDim(), false);
            down = Linear.load(dense.child("wo"), config.ffnDim(), config.dim(), false);
        }

        Tensor apply(Tensor x, Tensor buckets) {
            return TensorScope.compute(
                    () -> {
                        Tensor n = attentionNorm.apply(x);
                        Tensor scores = bias.apply(buckets).permute(2, 0, 1).unsqueeze(0);
                        Tensor seen =
                                Attention.apply(
                                        heads(query.apply(n)),
                                        heads(key.apply(n)),
                                        heads(value.apply(n)),
                                        scores.contiguous(),
                                        1.0);
                        Tensor attended = x.add(out.apply(seen.transpose(1, 2).flatten(2, 3)));
                        Tensor m = ffnNorm.apply(attended);
                        return attended.add(down.apply(Ops.gelu(gate.apply(m)).mul(up.apply(m))));
                    });
        }

        private Tensor heads(Tensor x) {
            return x.unflatten(-1, new long[] {config.heads(), config.headDim()}).transpose(1, 2);
        }
    }
}
