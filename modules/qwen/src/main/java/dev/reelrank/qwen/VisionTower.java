package dev.reelrank.qwen;

import dev.reelrank.torch.Attention;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.LayerNorm;
import dev.reelrank.torch.Linear;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.Weights;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Qwen3-VL's vision tower: patches, a learned position table interpolated to the picture's grid,
 * pre-norm blocks with two-dimensional rotary positions, a merger of 2×2 patches, and DeepStack
 * features of some layers for the decoder's first layers.
 */
final class VisionTower {
    private static final double EPSILON = 1e-6;

    private final QwenConfig.Vision config;
    private final TorchDevice device;
    private final DType dtype;
    private final Linear patchEmbedding;
    private final Tensor positionTable;
    private final Tensor inverseFrequencies;
    private final List<Block> blocks = new ArrayList<>();
    private final Merger merger;
    private final List<Merger> deepstackMergers = new ArrayList<>();

    VisionTower(Weights weights, QwenConfig.Vision config) {
        this.config = config;
        this.device = weights.device();
        this.dtype = weights.dtype();
        patchEmbedding = patchEmbedding(weights.child("patch_embed.proj"), config);
        positionTable =
                weights.child("pos_embed").take("weight", config.positions(), config.hidden());
        try (var scope = TensorScope.open()) {
            inverseFrequencies =
                    weights.parameters()
                            .own(
                                    device.place(
                                            Rope.inverseFrequencies(
                                                    config.hidden() / config.heads() / 2,
                                                    config.ropeTheta()),
                                            DType.FLOAT32));
        }
        for (var i = 0; i < config.depth(); i++) {
            blocks.add(new Block(weights.child("blocks." + i), config));
        }
        merger = new Merger(weights.child("merger"), config, Merger.Norm.EACH_PATCH);
        for (var i = 0; i < config.deepstack().size(); i++) {
            deepstackMergers.add(
                    new Merger(
                            weights.child("deepstack_merger_list." + i),
                            config,
                            Merger.Norm.MERGED));
        }
    }

    /** The convolution has its kernel's size as stride, so it is a product with flat patches. */
    private static Linear patchEmbedding(Weights weights, QwenConfig.Vision config) {
        try (var scope = TensorScope.open()) {
            var kernel =
                    weights.read(
                            "weight",
                            weights.dtype(),
                            config.hidden(),
                            config.channels(),
                            config.temporalPatch(),
                            config.patch(),
                            config.patch());
            return FusedLinear.of(
                    weights.parameters(),
                    kernel.reshape(config.hidden(), config.patchValues()),
                    weights.take("bias", config.hidden()));
        }
    }

    /**
     * What the decoder sees of a picture.
     *
     * @param tokens shape (tokens, decoder's hidden): they replace the placeholders' embeddings
     * @param deepstack the same shape each: added after the decoder's first layers
     */
    record Features(Tensor tokens, List<Tensor> deepstack) {
        /** One picture of a batch, whose tensors have a dimension more. */
        Features of(int picture) {
            return new Features(
                    tokens.select(0, picture),
                    deepstack.stream().map(level -> level.select(0, picture)).toList());
        }
    }

    /**
     * Pictures of one size.
     *
     * @param patches float32 on the device, shape (pictures, patches, values of a patch), in merge
     *     order
     * @return shapes (pictures, tokens, decoder's hidden), tensors of the open scope
     */
    Features forward(Tensor patches, ImageGrid grid) {
        var deepstack = new ArrayList<Tensor>();
        var plan = PositionGrid.of(grid, config);
        var tokens =
                TensorScope.compute(
                        () -> patchEmbedding.apply(Ops.to(patches, dtype)).add(positions(plan)));
        var turns = turns(plan);
        for (var i = 0; i < blocks.size(); i++) {
            var block = blocks.get(i);
            var input = tokens;
            tokens = TensorScope.compute(() -> block.forward(input, turns));
            var at = config.deepstack().indexOf(i);
            if (at >= 0) {
                deepstack.add(deepstackMergers.get(at).forward(tokens));
            }
        }
        return new Features(merger.forward(tokens), deepstack);
    }

    /** The learned table at this grid's size, bilinear with corners aligned. */
    private Tensor positions(PositionGrid plan) {
        var count = plan.rows().length;
        var taps = device.place(Ops.tensor(plan.indices(), -1), DType.INT64);
        var weights = device.place(Ops.tensor(plan.weights(), count, 4, 1), dtype);
        return positionTable
                .index_select(0, taps)
                .view(count, 4, config.hidden())
                .mul(weights)
                .sum(1);
    }

    private Rope.Turns turns(PositionGrid plan) {
        var rows = device.place(Ops.tensor(plan.rows(), -1, 1), DType.FLOAT32);
        var columns = device.place(Ops.tensor(plan.columns(), -1, 1), DType.FLOAT32);
        var angles = Ops.cat(1, rows.mul(inverseFrequencies), columns.mul(inverseFrequencies));
        var cos = angles.cos();
        var sin = angles.sin();
        return new Rope.Turns(
                Ops.cat(1, cos, cos).unsqueeze(1).unsqueeze(1),
                Ops.cat(1, sin.neg(), sin).unsqueeze(1).unsqueeze(1));
    }

    private static final class Block {
        private final int heads;
        private final LayerNorm norm1;
        private final LayerNorm norm2;
        private final Linear qkv;
        private final Linear projection;
        private final Linear up;
        private final Linear down;

        Block(Weights weights, QwenConfig.Vision config) {
            heads = config.heads();
            norm1 = LayerNorm.load(weights.child("norm1"), config.hidden(), EPSILON);
            norm2 = LayerNorm.load(weights.child("norm2"), config.hidden(), EPSILON);
            var hidden = config.hidden();
            qkv = Linear.load(weights.child("attn.qkv"), hidden, 3L * hidden, true);
            projection = Linear.load(weights.child("attn.proj"), hidden, hidden, true);
            var wide = config.intermediate();
            up = Linear.load(weights.child("mlp.linear_fc1"), hidden, wide, true);
            down = Linear.load(weights.child("mlp.linear_fc2"), wide, hidden, true);
        }

        Tensor forward(Tensor x, Rope.Turns turns) {
            var pictures = x.size(0);
            var patches = x.size(1);
            var parts = qkv.apply(norm1.apply(x)).view(pictures, patches, 3, heads, -1);
            var turned = turned(parts.narrow(2, 0, 2), turns);
            var seen =
                    Attention.apply(
                                    turned.select(2, 0).transpose(1, 2),
                                    turned.select(2, 1).transpose(1, 2),
                                    parts.select(2, 2).transpose(1, 2))
                            .transpose(1, 2)
                            .reshape(pictures, patches, -1);
            var attended = x.add(projection.apply(seen));
            return attended.add(down.apply(up.applyGelu(norm2.apply(attended))));
        }

        /** Queries and keys, turned in float32 as the published code does. */
        private static Tensor turned(Tensor x, Rope.Turns turns) {
            return Ops.to(turns.apply(Ops.to(x, DType.FLOAT32)), DType.of(x));
        }
    }

    private static final class Merger {
        enum Norm {
            EACH_PATCH,
            MERGED
        }

        private final Norm place;
        private final long width;
        private final LayerNorm norm;
        private final Linear up;
        private final Linear down;

        Merger(Weights weights, QwenConfig.Vision config, Norm place) {
            this.place = place;
            width = (long) config.hidden() * config.merge() * config.merge();
            norm =
                    LayerNorm.load(
                            weights.child("norm"),
                            place == Norm.MERGED ? width : config.hidden(),
                            EPSILON);
            up = Linear.load(weights.child("linear_fc1"), width, width, true);
            down = Linear.load(weights.child("linear_fc2"), width, config.out(), true);
        }

        Tensor forward(Tensor x) {
            return TensorScope.compute(
                    () -> {
                        var pictures = x.size(0);
                        var flat =
                                place == Norm.MERGED
                                        ? norm.apply(x.view(pictures, -1, width))
                                        : norm.apply(x).view(pictures, -1, width);
                        return down.apply(torch.gelu(up.apply(flat)));
                    });
        }
    }
}
