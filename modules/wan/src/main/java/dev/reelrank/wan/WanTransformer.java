package dev.reelrank.wan;

import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.offload.BlockVisits;
import dev.reelrank.diffusion.text.TextContext;
import dev.reelrank.diffusion.train.NetworkPass;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Linear;
import dev.reelrank.torch.LinearAdapters;
import dev.reelrank.torch.LinearFormat;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.Parameters;
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

/** One expert: predicts the velocity of noisy latents, given the timestep and the prompt. */
public final class WanTransformer implements AutoCloseable {
    private static final long OUT_ROWS = 16_384;

    private final TransformerConfig config;
    private final TorchDevice device;
    private final DType dtype;
    private final BlockMath plain = new EagerMath();
    private final Parameters parameters = new Parameters();
    private final List<TransformerBlock> blocks = new ArrayList<>();
    private final Tensor patchWeight;
    private final TensorOptional patchBias;
    private final ConditionEmbedder embedder;
    private final Linear out;
    private final Tensor outTable;
    private final Parameters tables = new Parameters();
    private @Nullable Grid lastGrid;
    private @Nullable RotaryTable lastTable;
    private @Nullable FusedMath own;

    /**
     * One expert with its own kernels, all on one device.
     *
     * @param fused whether element-wise work is fused where the device, the precision and the sizes
     *     allow it
     */
    public static WanTransformer alone(
            TransformerConfig config,
            TensorSource source,
            TorchDevice device,
            Precision precision,
            boolean fused) {
        FusedMath kernels =
                fused && FusedMath.possible(config, device, precision)
                        ? new FusedMath(config, device, precision)
                        : null;
        try {
            var expert =
                    new WanTransformer(
                            config,
                            source,
                            device,
                            device,
                            precision.dtype(),
                            precision.format(),
                            kernels == null
                                    ? new EagerMath(precision == Precision.FP8_ATTENTION)
                                    : kernels);
            expert.own = kernels;
            return expert;
        } catch (RuntimeException e) {
            if (kernels != null) {
                kernels.close();
            }
            throw e;
        }
    }

    /**
     * @param device where it computes
     * @param home where the weights go: the device, or the CPU if they only visit it
     * @param dtype of the hidden states: float32, or bfloat16 on a GPU
     * @param format of the blocks' linear layers
     */
    WanTransformer(
            TransformerConfig config,
            TensorSource source,
            TorchDevice device,
            TorchDevice home,
            DType dtype,
            LinearFormat format,
            BlockMath math) {
        this(config, source, device, home, dtype, format, LinearAdapters.NONE, math);
    }

    /**
     * @param adapters LoRAs beside the blocks' linear layers; with eager math only, as fused
     *     kernels hand over quantized rows
     */
    WanTransformer(
            TransformerConfig config,
            TensorSource source,
            TorchDevice device,
            TorchDevice home,
            DType dtype,
            LinearFormat format,
            LinearAdapters adapters,
            BlockMath math) {
        this.config = config;
        this.device = device;
        this.dtype = dtype;
        var weights = new Weights(source, home, dtype, parameters).madeOn(device);
        int[] patch = config.patch();
        try {
            patchWeight =
                    weights.take(
                            "patch_embedding.weight",
                            config.dim(),
                            config.inChannels(),
                            patch[0],
                            patch[1],
                            patch[2]);
            try (var scope = TensorScope.open()) {
                patchBias =
                        parameters.own(
                                new TensorOptional(
                                        weights.take("patch_embedding.bias", config.dim())));
            }
            embedder = new ConditionEmbedder(weights.child("condition_embedder"), config, device);
            for (int i = 0; i < config.layers(); i++) {
                blocks.add(
                        new TransformerBlock(
                                weights.child("blocks." + i).owned(new Parameters()),
                                config,
                                format,
                                adapters,
                                math));
            }
            out =
                    Linear.load(
                            weights.child("proj_out"),
                            config.dim(),
                            config.outChannels() * config.patchVolume(),
                            true);
            outTable = weights.take("scale_shift_table", DType.FLOAT32, 1, 2, config.dim());
            weights.requireAllUsed();
            adapters.requireAllUsed();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    TransformerConfig config() {
        return config;
    }

    /** Weights outside the blocks. */
    Parameters parameters() {
        return parameters;
    }

    /** The blocks' weights, in their order. */
    List<Parameters> blockWeights() {
        return blocks.stream().map(TransformerBlock::parameters).toList();
    }

    /** Bytes of all weights. */
    public long bytes() {
        return parameters.bytes()
                + blocks.stream().mapToLong(block -> block.parameters().bytes()).sum();
    }

    /** What this expert makes of a prompt; the caller closes it. */
    public ExpertInput prompt(TextContext prompt) {
        try (var scope = TensorScope.open()) {
            Tensor text = embedder.text(prompt);
            text.retainReference();
            return new ExpertInput(text, blocks.size(), prompt.padding());
        }
    }

    /**
     * One evaluation.
     *
     * @param x noisy latents and what conditions them, shape (1, in channels, frames, height,
     *     width); frames, height and width multiples of the patch
     * @param timestep 0..1000
     * @return velocity, shape (1, out channels, frames, height, width), in the model's type
     */
    public Tensor apply(Tensor x, double timestep, ExpertInput prompt, BlockVisits visits) {
        return apply(x, timestep, 0, prompt, visits, Sparsity.DEFAULT, PartWatch.NONE);
    }

    /**
     * The same evaluation, watched.
     *
     * @param given the first latent frames, which have no noise and are told timestep 0
     * @param sparsity what self-attention computes
     * @param watch sees what every part made, in their order
     */
    Tensor apply(
            Tensor x,
            double timestep,
            int given,
            ExpertInput prompt,
            BlockVisits visits,
            Sparsity sparsity,
            PartWatch watch) {
        var grid = grid(x);
        return TensorScope.compute(
                () -> {
                    var rotary = rotary(grid);
                    var time = embedder.time(timestep, grid.stretches(given));
                    watch.made("the embedding of the timestep", time.blocks().values());
                    Tensor h = stem(x, grid);
                    watch.made("the patch embedding", h);
                    long padded = Math.max(1, prompt.padding());
                    for (int i = 0; i < blocks.size(); i++) {
                        var block = blocks.get(i);
                        visits.enter(block.parameters());
                        Tensor before = h;
                        h =
                                block.apply(
                                        before,
                                        time.blocks(),
                                        rotary,
                                        prompt.of(i, block::keyValue),
                                        padded,
                                        sparsity.inLayer(i, blocks.size()));
                        if (h.address() != before.address()) {
                            before.close();
                        }
                        visits.exit(block.parameters());
                        watch.made("block " + i, h);
                    }
                    Tensor velocity = unpatched(velocity(h, outAffine(time)), grid);
                    watch.made("the output layer", velocity);
                    return velocity;
                });
    }

    /**
     * An evaluation with one block instead of all, for nothing: libraries are loaded, kernels
     * planned and tables made meanwhile, which a first step would wait for.
     */
    void warmUp(Tensor x, int given, ExpertInput prompt) {
        var grid = grid(x);
        var block = blocks.get(0);
        TensorScope.run(
                () -> {
                    var time = embedder.time(0, grid.stretches(given));
                    Tensor h =
                            block.apply(
                                    stem(x, grid),
                                    time.blocks(),
                                    rotary(grid),
                                    prompt.of(0, block::keyValue),
                                    Math.max(1, prompt.padding()),
                                    Sparsity.DEFAULT);
                    unpatched(velocity(h, outAffine(time)), grid);
                });
    }

    /**
     * One evaluation as blocks that can be computed again; everything belongs to the open scope,
     * which must stay open until the gradients are taken.
     *
     * @param x as for {@link #apply}
     * @param timestep 0..1000
     * @param given the first latent frames, which have no noise and are told timestep 0
     */
    NetworkPass pass(Tensor x, double timestep, int given, TextContext prompt) {
        var grid = grid(x);
        var rotary = rotary(grid);
        var stretches = grid.stretches(given);
        Tensor[] made =
                TensorScope.computeAll(
                        () -> {
                            var time = embedder.time(timestep, stretches);
                            var affine = outAffine(time);
                            return new Tensor[] {
                                stem(x, grid),
                                embedder.text(prompt),
                                time.blocks().values(),
                                affine.factor(),
                                affine.shift()
                            };
                        });
        long padded = Math.max(1, prompt.padding());
        var modulation = new Modulation(made[2], stretches);
        var steps = new ArrayList<Block>();
        for (var block : blocks) {
            steps.add(
                    state ->
                            new Tensor[] {
                                block.applyToText(state[0], modulation, rotary, made[1], padded)
                            });
        }
        var last = new BlockMath.Affine(made[3], made[4], config.epsilon(), stretches);
        steps.add(state -> new Tensor[] {unpatched(velocity(state[0], last), grid)});
        return new NetworkPass(new Tensor[] {made[0]}, steps);
    }

    /** How many patches there are along each axis. */
    private record Grid(int frames, int rows, int columns) {
        long tokens() {
            return (long) frames * rows * columns;
        }

        /** The tokens of the first of these frames, and the others. */
        Stretches stretches(int given) {
            return new Stretches((long) given * rows * columns);
        }
    }

    private Grid grid(Tensor x) {
        if (x.size(1) != config.inChannels()) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "the transformer takes %d channels, got %d: text-to-video weights take no image, image-to-video weights need one"
                            .formatted(config.inChannels(), x.size(1)));
        }
        int[] patch = config.patch();
        var grid =
                new Grid(
                        (int) x.size(2) / patch[0],
                        (int) x.size(3) / patch[1],
                        (int) x.size(4) / patch[2]);
        if (Math.max(grid.frames, Math.max(grid.rows, grid.columns)) > config.maxPositions()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "%d frames of %dx%d patches are more than the %d positions of the model's rope_max_seq_len: use fewer frames or a smaller size"
                            .formatted(
                                    grid.frames, grid.columns, grid.rows, config.maxPositions()));
        }
        return grid;
    }

    private Tensor stem(Tensor x, Grid grid) {
        return torch.linear(
                patched(device.place(x, dtype), grid), patchWeight.flatten(1, -1), patchBias);
    }

    private BlockMath.Affine outAffine(ConditionEmbedder.Time time) {
        return new Modulation(time.timestep(), time.blocks().stretches())
                .plus(outTable.squeeze(0))
                .affine(0, 1, config.epsilon());
    }

    /** Norm and projection, some rows at a time: the norm is computed in float32. */
    private Tensor velocity(Tensor h, BlockMath.Affine affine) {
        var parts = new ArrayList<Tensor>();
        for (var stretch : affine.stretches().among(h.size(1), OUT_ROWS)) {
            parts.add(
                    TensorScope.compute(
                            () -> plain.norm(stretch.of(h), affine.of(stretch)).through(out)));
        }
        return Ops.cat(1, parts.toArray(Tensor[]::new));
    }

    /** The table of the last grid is kept. */
    private RotaryTable rotary(Grid grid) {
        if (lastTable == null || !grid.equals(lastGrid)) {
            tables.close();
            lastGrid = grid;
            lastTable =
                    RotaryTable.of(
                            grid.frames,
                            grid.rows,
                            grid.columns,
                            (int) config.headDim(),
                            device,
                            tables);
        }
        return lastTable;
    }

    /** The numbers of each patch as a row: a convolution whose stride is its size is a product. */
    private Tensor patched(Tensor x, Grid grid) {
        int[] patch = config.patch();
        return x.reshape(
                        config.inChannels(),
                        grid.frames,
                        patch[0],
                        grid.rows,
                        patch[1],
                        grid.columns,
                        patch[2])
                .permute(1, 3, 5, 0, 2, 4, 6)
                .reshape(1, grid.tokens(), -1);
    }

    private Tensor unpatched(Tensor tokens, Grid grid) {
        int[] patch = config.patch();
        return tokens.reshape(
                        1,
                        grid.frames,
                        grid.rows,
                        grid.columns,
                        patch[0],
                        patch[1],
                        patch[2],
                        config.outChannels())
                .permute(0, 7, 1, 4, 2, 5, 3, 6)
                .reshape(
                        1,
                        config.outChannels(),
                        (long) grid.frames * patch[0],
                        (long) grid.rows * patch[1],
                        (long) grid.columns * patch[2]);
    }

    @Override
    public void close() {
        blocks.forEach(block -> block.parameters().close());
        tables.close();
        parameters.close();
        if (own != null) {
            own.close();
            own = null;
        }
    }
}
