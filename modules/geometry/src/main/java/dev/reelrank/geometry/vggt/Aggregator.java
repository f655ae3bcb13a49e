package dev.reelrank.geometry.vggt;

import dev.reelrank.geometry.layers.BlockKernels;
import dev.reelrank.geometry.layers.TransformerBlock;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.Weights;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Alternating attention: within each frame, then over the tokens of all frames. */
final class Aggregator {
    private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
    private static final float[] DEVIATION = {0.229f, 0.224f, 0.225f};

    private final VggtConfig config;
    private final TorchDevice device;
    private final PatchEmbedding embedding;
    private final TokenPositions positions;
    private final Tensor camera;
    private final Tensor registers;
    private final Tensor mean;
    private final Tensor deviation;
    private final List<TransformerBlock> frameBlocks = new ArrayList<>();
    private final List<TransformerBlock> globalBlocks = new ArrayList<>();

    /**
     * @param kernels closed by the caller; null for libtorch's operations
     */
    Aggregator(Weights weights, VggtConfig config, @Nullable BlockKernels kernels) {
        this.config = config;
        this.device = weights.device();
        embedding = new PatchEmbedding(weights.child("patch_embed"), config, kernels);
        positions =
                new TokenPositions(
                        weights.parameters(),
                        device,
                        config.special(),
                        config.dim() / config.heads());
        Weights wide = weights.as(DType.FLOAT32);
        camera = wide.take("camera_token", 1, 2, 1, config.dim());
        registers = wide.take("register_token", 1, 2, config.registers(), config.dim());
        mean = channels(weights.parameters(), MEAN);
        deviation = channels(weights.parameters(), DEVIATION);
        for (int i = 0; i < config.depth(); i++) {
            frameBlocks.add(block(weights.child("frame_blocks." + i), kernels));
            globalBlocks.add(block(weights.child("global_blocks." + i), kernels));
        }
    }

    private Tensor channels(Parameters parameters, float[] values) {
        try (var scope = TensorScope.open()) {
            return parameters.own(device.place(Ops.tensor(values, 1, 3, 1, 1), DType.FLOAT32));
        }
    }

    private TransformerBlock block(Weights weights, @Nullable BlockKernels kernels) {
        return new TransformerBlock(weights, config.dim(), config.heads(), true, 1e-5, kernels);
    }

    /**
     * The tokens that the heads read.
     *
     * @param frames 0..1, float32, shape (frames, 3, height, width), multiples of a patch
     * @return per layer of {@link VggtConfig#layers} and for the last pair, shape (frames, special
     *     tokens and patches, 2 dim), float32
     */
    List<Tensor> apply(Tensor frames) {
        List<Integer> wanted = new ArrayList<>(config.layers());
        wanted.add(config.depth() - 1);
        return List.of(TensorScope.computeAll(() -> tokens(frames, wanted)));
    }

    private Tensor[] tokens(Tensor frames, List<Integer> wanted) {
        long count = frames.size(0);
        Tensor patches = TensorScope.compute(() -> embedding.apply(normalised(frames)));
        Tensor x = Ops.cat(1, special(count), patches);
        long perFrame = x.size(1);
        var turns =
                positions.of(
                        (int) frames.size(2) / config.patch(),
                        (int) frames.size(3) / config.patch(),
                        count);
        Tensor[] outputs = new Tensor[wanted.size()];
        for (int i = 0; i < config.depth(); i++) {
            Tensor alone = frameBlocks.get(i).apply(x, turns.within());
            Tensor together =
                    globalBlocks
                            .get(i)
                            .apply(alone.reshape(1, count * perFrame, config.dim()), turns.across())
                            .reshape(count, perFrame, config.dim());
            for (int k = 0; k < outputs.length; k++) {
                if (wanted.get(k) == i) {
                    outputs[k] = Ops.cat(-1, alone, together);
                }
            }
            TensorScope.release(x, alone);
            x = together;
        }
        return outputs;
    }

    private Tensor normalised(Tensor frames) {
        return frames.sub(mean).div(deviation);
    }

    /** Camera and register tokens: the first frame has its own, for it is the world. */
    private Tensor special(long frames) {
        Tensor both = Ops.cat(2, camera, registers).squeeze(0);
        Tensor first = both.narrow(0, 0, 1);
        return frames == 1
                ? first
                : Ops.cat(0, first, both.narrow(0, 1, 1).expand(frames - 1, -1, -1));
    }
}
