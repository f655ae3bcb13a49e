package dev.reelrank.qwen;

import dev.reelrank.torch.Linear;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.Weights;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Qwen2-VL's vision tower: patches of two frames, blocks with rotary positions alone, a merger. A
 * pair of frames sees itself and no other pair.
 */
final class RewardVision {
    private final QwenConfig.Vision config;
    private final TorchDevice device;
    private final dev.reelrank.torch.DType dtype;
    private final Linear patchEmbedding;
    private final Tensor inverseFrequencies;
    private final List<VisionBlock> blocks = new ArrayList<>();
    private final PatchMerger merger;

    RewardVision(Weights weights, QwenConfig.Vision config) {
        this.config = config;
        this.device = weights.device();
        this.dtype = weights.dtype();
        try (var scope = TensorScope.open()) {
            var kernel =
                    weights.child("patch_embed.proj")
                            .read(
                                    "weight",
                                    weights.dtype(),
                                    config.hidden(),
                                    config.channels(),
                                    config.temporalPatch(),
                                    config.patch(),
                                    config.patch());
            patchEmbedding =
                    FusedLinear.of(
                            weights.parameters(),
                            kernel.reshape(config.hidden(), config.patchValues()),
                            null);
        }
        inverseFrequencies = VisionBlock.inverseFrequencies(weights, config);
        for (var i = 0; i < config.depth(); i++) {
            blocks.add(
                    new VisionBlock(weights.child("blocks." + i), config, VisionBlock.Kind.QWEN2));
        }
        merger = new PatchMerger(weights.child("merger"), config, PatchMerger.Kind.QWEN2);
    }

    /** The turns of a pair of frames, of the open scope; waits for the device. */
    Rope.Turns turns(ImageGrid grid) {
        return VisionBlock.turns(PositionGrid.of(grid, config), inverseFrequencies, device);
    }

    /**
     * The tokens of a video.
     *
     * @param patches float32 on the device, shape (pairs, patches, values of a patch)
     * @param turns of the grid that the patches lie in
     * @return shape (pairs · tokens, decoder's hidden)
     */
    Tensor forward(Tensor patches, Rope.Turns turns) {
        return TensorScope.compute(
                () -> {
                    var tokens = patchEmbedding.apply(Ops.to(patches, dtype));
                    for (var block : blocks) {
                        var input = tokens;
                        tokens = TensorScope.compute(() -> block.forward(input, turns));
                    }
                    return merger.forward(tokens).reshape(-1, config.out());
                });
    }
}
