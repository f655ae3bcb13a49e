package dev.reelrank.diffusion.text;

import dev.reelrank.diffusion.offload.BlockVisits;
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
import java.util.Collections;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The encoder of T5 v1.1 and UMT5: pre-norm blocks of bidirectional attention with relative
 * position biases (one table, or a table a layer; scores unscaled) and a gated GELU.
 *
 * <p>It attends to every id that it gets. Where padding is masked out, and its output replaced by
 * zeros, it changes nothing and is not passed in.
 */
public final class TextEncoder implements AutoCloseable {
    private final TextEncoderConfig config;
    private final TorchDevice device;
    private final Parameters parameters = new Parameters();
    private final Embedding embedding;
    private final List<Block> blocks = new ArrayList<>();
    private final List<Parameters> blockWeights = new ArrayList<>();
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
            Embedding positions = null;
            for (int i = 0; i < config.layers(); i++) {
                Weights layer = weights.child("encoder.block." + i + ".layer");
                if (positions == null || !config.sharedPositions()) {
                    positions = positions(layer);
                }
                Weights own = layer.owned(new Parameters());
                blockWeights.add(own.parameters());
                blocks.add(new Block(config, own, positions));
            }
            norm =
                    RmsNorm.load(
                            weights.child("encoder.final_layer_norm"),
                            config.dim(),
                            config.epsilon());
            weights.requireAllUsed();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private Embedding positions(Weights layer) {
        return Embedding.load(
                layer.child("0.SelfAttention.relative_attention_bias"),
                config.buckets(),
                config.heads());
    }

    /**
     * Encodes a prompt.
     *
     * @param ids of one prompt, with the padding that it attends to
     * @param visits how the blocks come to the device
     * @return shape (1, ids, dim) on the encoder's device, in its type
     */
    public Tensor apply(long[] ids, BlockVisits visits) {
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
                    for (int i = 0; i < blocks.size(); i++) {
                        visits.enter(blockWeights.get(i));
                        x = blocks.get(i).apply(x, buckets);
                        visits.exit(blockWeights.get(i));
                    }
                    return norm.apply(x);
                });
    }

    /** The same for blocks that are on the device. */
    public Tensor apply(long[] ids) {
        return apply(ids, BlockVisits.RESIDENT);
    }

    /** Bytes of its weights. */
    public long bytes() {
        return parameters.bytes() + blockWeights.stream().mapToLong(Parameters::bytes).sum();
    }

    /** Weights outside the blocks. */
    public Parameters parameters() {
        return parameters;
    }

    /** The blocks' weights, in their order. */
    public List<Parameters> blockWeights() {
        return Collections.unmodifiableList(blockWeights);
    }

    @Override
    public void close() {
        blockWeights.forEach(Parameters::close);
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

        Block(TextEncoderConfig config, Weights layer, Embedding positions) {
            this.config = config;
            long inner = config.heads() * config.headDim();
            Weights attention = layer.child("0.SelfAttention");
            attentionNorm =
                    RmsNorm.load(layer.child("0.layer_norm"), config.dim(), config.epsilon());
            query = Linear.load(attention.child("q"), config.dim(), inner, false);
            key = Linear.load(attention.child("k"), config.dim(), inner, false);
            value = Linear.load(attention.child("v"), config.dim(), inner, false);
            out = Linear.load(attention.child("o"), inner, config.dim(), false);
            bias = positions;
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
