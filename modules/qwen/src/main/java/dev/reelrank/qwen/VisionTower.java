package dev.reelrank.qwen;

import dev.reelrank.torch.DType;
import dev.reelrank.torch.Linear;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.Weights;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Qwen3-VL's vision tower: patches, a learned position table interpolated to the picture's grid,
 * pre-norm blocks with two-dimensional rotary positions, a merger of 2×2 patches, and DeepStack
 * features of some layers for the decoder's first layers.
 */
final class VisionTower {
    private final QwenConfig.Vision config;
    private final TorchDevice device;
    private final DType dtype;
    private final Linear patchEmbedding;
    private final Tensor positionTable;
    private final Tensor inverseFrequencies;
    private final List<VisionBlock> blocks = new ArrayList<>();
    private final PatchMerger merger;
    private final List<PatchMerger> deepstackMergers = new ArrayList<>();

    VisionTower(Weights weights, QwenConfig.Vision config) {
        this.config = config;
        this.device = weights.device();
        this.dtype = weights.dtype();
        patchEmbedding = patchEmbedding(weights.child("patch_embed.proj"), config);
        positionTable =
                weights.child("pos_embed").take("weight", config.positions(), config.hidden());
        inverseFrequencies = VisionBlock.inverseFrequencies(weights, config);
        for (var i = 0; i < config.depth(); i++) {
            blocks.add(
                    new VisionBlock(weights.child("blocks." + i), config, VisionBlock.Kind.QWEN3));
        }
        merger = new PatchMerger(weights.child("merger"), config, PatchMerger.Kind.QWEN3);
        for (var i = 0; i < config.deepstack().size(); i++) {
            deepstackMergers.add(
                    new PatchMerger(
                            weights.child("deepstack_merger_list." + i),
                            config,
                            PatchMerger.Kind.QWEN3_DEEPSTACK));
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
        var turns = VisionBlock.turns(plan, inverseFrequencies, device);
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
}
