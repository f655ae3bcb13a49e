package dev.reelrank.torch.train;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Gradients;
import dev.reelrank.torch.Linear;
import dev.reelrank.torch.LinearAdapters;
import dev.reelrank.torch.Noise;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.Weights;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The LoRA layers of one network in training: float32 leaves beside frozen weights of any format.
 * Switched off, the network is its base, bit for bit: the reference of preference training.
 *
 * <p>A starts evenly distributed within ±1/√in, B at zero, so that a new adapter changes nothing;
 * both depend on the seed and the layer's name alone.
 */
public final class LoraLayers implements LinearAdapters, AutoCloseable {
    private final LoraConfig config;
    private final long seed;
    private final @Nullable DType branch;
    private final Parameters parameters = new Parameters();
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private boolean on = true;
    private long dropoutSeed;
    private boolean dropping;

    /**
     * @param seed of the first values
     */
    public LoraLayers(LoraConfig config, long seed) {
        this(config, seed, null);
    }

    /**
     * @param branch the type in which the change is computed; null for that of the layer's input.
     *     PEFT computes it in float32
     */
    public LoraLayers(LoraConfig config, long seed, @Nullable DType branch) {
        this.config = config;
        this.seed = seed;
        this.branch = branch;
    }

    public LoraConfig config() {
        return config;
    }

    /**
     * Every trained tensor, in the order of the network: {@code LAYER.lora_A.weight} (rank, in) and
     * {@code LAYER.lora_B.weight} (out, rank), float32 leaves.
     */
    public Map<String, Tensor> tensors() {
        return Collections.unmodifiableMap(tensors);
    }

    /** Numbers that are trained. */
    public long size() {
        return tensors.values().stream().mapToLong(Tensor::numel).sum();
    }

    /** Switches all adapters. */
    public void on(boolean active) {
        on = active;
    }

    /** Whether the adapters take part. */
    public boolean on() {
        return on;
    }

    /**
     * Lets dropout act, with masks that depend on this seed and the layer: the same in a pass and
     * when its blocks are computed again. Without dropout in the configuration nothing changes.
     */
    public void dropout(long passSeed) {
        dropoutSeed = passSeed;
        dropping = config.dropout() > 0;
    }

    /** Ends dropout: every number counts, as in inference. */
    public void keepAll() {
        dropping = false;
    }

    @Override
    public Linear beside(Linear layer, Weights weights) {
        String path = weights.path("");
        String name = path.substring(0, path.length() - 1);
        if (!config.targets(name)) {
            return layer;
        }
        try (var scope = TensorScope.inference()) {
            double bound = 1 / Math.sqrt((double) layer.in());
            TorchDevice device = weights.device();
            Tensor down =
                    device.place(
                            Noise.uniform(
                                    Noise.seed(seed, name.hashCode()),
                                    -bound,
                                    bound,
                                    config.rank(),
                                    layer.in()),
                            DType.FLOAT32);
            Tensor up = Ops.zeros(device, DType.FLOAT32, layer.out(), config.rank());
            return new LoraLinear(
                    layer,
                    kept(name + ".lora_A.weight", down),
                    kept(name + ".lora_B.weight", up),
                    tensors.size() / 2);
        }
    }

    private Tensor kept(String name, Tensor values) {
        Tensor leaf = parameters.own(Gradients.leaf(values));
        if (tensors.put(name, leaf) != null) {
            throw new IllegalStateException(name + " was made twice: one network per LoraLayers");
        }
        return leaf;
    }

    @Override
    public void requireAllUsed() {
        if (tensors.isEmpty()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "LoRA: no linear layer of the network is among the targets "
                            + config.targets());
        }
    }

    /**
     * Takes stored values.
     *
     * @param stored by the names of {@link #tensors}; others are an error
     * @throws StageException MODEL_MISMATCH when a tensor is missing, left over or of another shape
     */
    public void restore(Map<String, Tensor> stored) {
        var unknown = new java.util.TreeSet<>(stored.keySet());
        unknown.removeAll(tensors.keySet());
        if (!unknown.isEmpty()) {
            throw mismatch(unknown.first(), "belongs to no trained layer");
        }
        try (var scope = TensorScope.inference()) {
            tensors.forEach(
                    (name, leaf) -> {
                        Tensor values = stored.get(name);
                        if (values == null) {
                            throw mismatch(name, "is missing");
                        }
                        if (!Arrays.equals(values.shape(), leaf.shape())) {
                            throw mismatch(
                                    name,
                                    "has the shape %s, not %s"
                                            .formatted(
                                                    Arrays.toString(values.shape()),
                                                    Arrays.toString(leaf.shape())));
                        }
                        leaf.copy_(values);
                    });
        }
    }

    private static StageException mismatch(String name, String problem) {
        return new StageException(
                FailureCode.MODEL_MISMATCH,
                "'%s' of the adapter %s: it belongs to another base model, rank or set of targets"
                        .formatted(name, problem));
    }

    @Override
    public void close() {
        parameters.close();
        tensors.clear();
    }

    private final class LoraLinear implements Linear {
        private final Linear layer;
        private final Tensor down;
        private final Tensor up;
        private final int index;

        LoraLinear(Linear layer, Tensor down, Tensor up, int index) {
            this.layer = layer;
            this.down = down;
            this.up = up;
            this.index = index;
        }

        @Override
        public Tensor apply(Tensor x) {
            return on ? TensorScope.compute(() -> sum(layer.apply(x), change(x))) : layer.apply(x);
        }

        private Tensor sum(Tensor y, Tensor change) {
            Tensor sum = y.add(change);
            return DType.of(sum) == DType.of(y) ? sum : sum.to(y.scalar_type());
        }

        private Tensor change(Tensor x) {
            return TensorScope.compute(
                    () -> {
                        var type = branch == null ? x.scalar_type() : branch.scalarType();
                        var none = new TensorOptional();
                        Tensor low = torch.linear(dropped(x.to(type)), down.to(type), none);
                        return Ops.mul(torch.linear(low, up.to(type), none), config.scale());
                    });
        }

        private Tensor dropped(Tensor x) {
            if (!dropping) {
                return x;
            }
            double kept = 1 - config.dropout();
            return x.mul(Ops.mul(Noise.mask(Noise.seed(dropoutSeed, index), kept, x), 1 / kept));
        }

        @Override
        public long in() {
            return layer.in();
        }

        @Override
        public long out() {
            return layer.out();
        }
    }
}
