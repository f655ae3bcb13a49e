package dev.reelrank.cogvideox;

import dev.reelrank.diffusion.TimestepEmbedding;
import dev.reelrank.diffusion.offload.BlockVisits;
import dev.reelrank.diffusion.train.NetworkPass;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.LayerNorm;
import dev.reelrank.torch.Linear;
import dev.reelrank.torch.LinearAdapters;
import dev.reelrank.torch.LinearFormat;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.RowKernels;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TensorSource;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.Weights;
import dev.reelrank.torch.train.Block;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Predicts the v of noisy latents, given the timestep and the prompt. */
final class CogTransformer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CogTransformer.class);

    /** The offset that CogVideoX-1.5 image-to-video is always told. */
    private static final double OFFSET = 2;

    private final CogTransformerConfig config;
    private final TorchDevice device;
    private final DType dtype;
    private final Parameters parameters = new Parameters();
    private final List<CogBlock> blocks = new ArrayList<>();
    private final TimestepEmbedding time;
    private final @Nullable TimestepEmbedding offset;
    private final Tensor patchWeight;
    private final TensorOptional patchBias;
    private final Linear textProjection;
    private final @Nullable Tensor learned;
    private final LayerNorm lastNorm;
    private final TimedNorm outNorm;
    private final Linear out;
    private final Parameters tables = new Parameters();

    /** Null where blocks compute operation by operation. */
    private final @Nullable RowKernels rows;

    private @Nullable Grid lastGrid;
    private @Nullable Positions lastPositions;

    /**
     * @param device where it computes
     * @param home where the weights go: the device, or the CPU if they only visit it
     * @param dtype of the hidden states: float32, or bfloat16 on a GPU
     * @param format of the blocks' linear layers
     * @param adapters LoRAs beside the blocks' linear layers
     */
    CogTransformer(
            CogTransformerConfig config,
            TensorSource source,
            TorchDevice device,
            TorchDevice home,
            DType dtype,
            LinearFormat format,
            LinearAdapters adapters) {
        this.config = config;
        this.device = device;
        this.dtype = dtype;
        rows = kernels(config, device, dtype, format);
        var weights = new Weights(source, home, dtype, parameters).madeOn(device);
        try {
            time =
                    TimestepEmbedding.load(
                            weights.child("time_embedding"),
                            config.dim(),
                            config.timeDim(),
                            device);
            offset =
                    config.offsetDim() == 0
                            ? null
                            : TimestepEmbedding.load(
                                    weights.child("ofs_embedding"),
                                    config.offsetDim(),
                                    config.offsetDim(),
                                    device);
            Weights patches = weights.child("patch_embed");
            patchWeight = patchWeight(patches);
            try (var scope = TensorScope.open()) {
                patchBias =
                        parameters.own(new TensorOptional(patches.take("proj.bias", config.dim())));
            }
            textProjection =
                    Linear.load(patches.child("text_proj"), config.textDim(), config.dim(), true);
            learned =
                    config.learnedPositions()
                            ? patches.take(
                                    "pos_embedding",
                                    1,
                                    config.textRows() + sampleGrid().tokens(),
                                    config.dim())
                            : null;
            for (int i = 0; i < config.layers(); i++) {
                Weights block = weights.child("transformer_blocks." + i).owned(new Parameters());
                blocks.add(new CogBlock(block, config, format, adapters));
            }
            lastNorm = LayerNorm.load(weights.child("norm_final"), config.dim(), config.epsilon());
            outNorm = TimedNorm.load(weights.child("norm_out"), config, 2);
            out =
                    Linear.load(
                            weights.child("proj_out"),
                            config.dim(),
                            config.outChannels() * config.patchVolume(),
                            true);
            weights.requireAllUsed();
            adapters.requireAllUsed();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private static @Nullable RowKernels kernels(
            CogTransformerConfig config, TorchDevice device, DType dtype, LinearFormat format) {
        var sizes = new RowKernels.Sizes(config.dim(), 4 * config.dim(), config.headDim());
        if (!RowKernels.possible(device, dtype, sizes) || !RowKernels.normsHeads(sizes)) {
            return null;
        }
        try {
            return new RowKernels(device, sizes, format == LinearFormat.FLOAT8_DYNAMIC);
        } catch (StageException | LinkageError e) {
            LOG.warn("no fused kernels available, operations run one by one: {}", e.toString());
            return null;
        }
    }

    /** Rows of (channel, frame, row, column): 1.0 stores them as a convolution, 1.5 as rows. */
    private Tensor patchWeight(Weights patches) {
        int p = config.patch();
        if (config.framePatch() > 0) {
            return patches.take(
                    "proj.weight", config.dim(), config.inChannels() * config.patchVolume());
        }
        try (var scope = TensorScope.open()) {
            Tensor conv =
                    patches.read("proj.weight", dtype, config.dim(), config.inChannels(), p, p);
            return parameters.own(conv.flatten(1, -1));
        }
    }

    private Grid sampleGrid() {
        int p = config.patch();
        int latentFrames = (config.sampleFrames() - 1) / config.timeFactor() + 1;
        return new Grid(latentFrames, config.sampleHeight() / p, config.sampleWidth() / p);
    }

    /** Weights outside the blocks. */
    Parameters parameters() {
        return parameters;
    }

    /** The blocks' weights, in their order. */
    List<Parameters> blockWeights() {
        return blocks.stream().map(CogBlock::parameters).toList();
    }

    /** Bytes of all weights. */
    long bytes() {
        return parameters.bytes() + blockWeights().stream().mapToLong(Parameters::bytes).sum();
    }

    /**
     * One evaluation.
     *
     * @param x noisy latents, with those of the image beside their channels where it takes one:
     *     shape (1, latent frames, in channels, height, width)
     * @param timestep 0..999
     * @param text rows of the prompt, shape (rows, text dim)
     * @return shape (1, latent frames, out channels, height, width), in the model's type
     */
    Tensor apply(Tensor x, double timestep, Tensor text, BlockVisits visits) {
        var grid = grid(x);
        return TensorScope.compute(
                () -> {
                    Tensor told = told(timestep);
                    var positions = positions(grid);
                    Tensor[] state = stem(x, text, grid, positions);
                    for (var block : blocks) {
                        visits.enter(block.parameters());
                        if (rows != null) {
                            state = block.apply(rows, state[0], state[1], told, positions);
                        } else {
                            Tensor[] before = state;
                            state = block.apply(before[0], before[1], told, positions);
                            TensorScope.release(before);
                        }
                        visits.exit(block.parameters());
                    }
                    return predicted(state[1], told, grid);
                });
    }

    /**
     * One evaluation as blocks that can be computed again; everything belongs to the open scope,
     * which must stay open until the gradients are taken. The prediction has the shape (1, out
     * channels, latent frames, height, width).
     */
    NetworkPass pass(Tensor x, double timestep, Tensor text) {
        var grid = grid(x);
        var positions = positions(grid);
        Tensor told = told(timestep);
        Tensor[] first = stem(x, text, grid, positions);
        var steps = new ArrayList<Block>();
        for (var block : blocks) {
            steps.add(state -> block.apply(state[0], state[1], told, positions));
        }
        steps.add(
                state ->
                        new Tensor[] {
                            TensorScope.compute(
                                    () -> predicted(state[1], told, grid).transpose(1, 2))
                        });
        return new NetworkPass(first, steps);
    }

    private Grid grid(Tensor x) {
        int frames = config.patchFrames();
        if (x.size(2) != config.inChannels()) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "the transformer takes %d channels, got %d: text-to-video weights take no image, image-to-video weights need one"
                            .formatted(config.inChannels(), x.size(2)));
        }
        return new Grid(
                (int) x.size(1) / frames,
                (int) x.size(3) / config.patch(),
                (int) x.size(4) / config.patch());
    }

    /** The embedded time after SiLU, shape (1, time dim), float32. */
    private Tensor told(double timestep) {
        return TensorScope.compute(
                () -> {
                    Tensor embedded = time.apply(timestep);
                    return Ops.silu(offset == null ? embedded : embedded.add(offset.apply(OFFSET)));
                });
    }

    /** Text and video as tokens. */
    private Tensor[] stem(Tensor x, Tensor text, Grid grid, Positions positions) {
        return TensorScope.computeAll(
                () -> {
                    Tensor words = textProjection.apply(device.place(text, dtype).unsqueeze(0));
                    Tensor patches =
                            torch.linear(
                                    patched(device.place(x, dtype), grid), patchWeight, patchBias);
                    Tensor added = learned == null ? positions.added() : learned;
                    if (added == null) {
                        return new Tensor[] {words, patches};
                    }
                    Tensor places = Ops.to(added, dtype);
                    long rows = words.size(1);
                    return new Tensor[] {
                        words.add(places.narrow(1, 0, rows)),
                        patches.add(places.narrow(1, rows, grid.tokens()))
                    };
                });
    }

    private Tensor predicted(Tensor video, Tensor told, Grid grid) {
        Tensor normed = outNorm.apply(lastNorm.apply(video), outNorm.numbers(told, dtype), 0);
        return unpatched(out.apply(normed), grid);
    }

    /** The table of the last grid is kept: making one takes the time of a step on a GPU. */
    private Positions positions(Grid grid) {
        if (lastPositions == null || !grid.equals(lastGrid)) {
            tables.close();
            lastGrid = grid;
            lastPositions = Positions.of(config, grid, device, tables);
        }
        return lastPositions;
    }

    private Tensor patched(Tensor x, Grid grid) {
        int p = config.patch();
        return x.reshape(
                        grid.frames(),
                        config.patchFrames(),
                        config.inChannels(),
                        grid.rows(),
                        p,
                        grid.columns(),
                        p)
                .permute(0, 3, 5, 2, 1, 4, 6)
                .reshape(1, grid.tokens(), -1);
    }

    private Tensor unpatched(Tensor tokens, Grid grid) {
        int p = config.patch();
        int frames = config.patchFrames();
        return tokens.reshape(
                        grid.frames(),
                        grid.rows(),
                        grid.columns(),
                        config.outChannels(),
                        frames,
                        p,
                        p)
                .permute(0, 4, 3, 1, 5, 2, 6)
                .reshape(
                        1,
                        (long) grid.frames() * frames,
                        config.outChannels(),
                        (long) grid.rows() * p,
                        (long) grid.columns() * p);
    }

    @Override
    public void close() {
        blocks.forEach(block -> block.parameters().close());
        tables.close();
        parameters.close();
        if (rows != null) {
            rows.close();
        }
    }
}
