package dev.reelrank.diffusion.lora;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Linear;
import dev.reelrank.torch.LinearAdapters;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.bytedeco.pytorch.Tensor;

/**
 * LoRAs kept beside the weights of one expert instead of being merged into them, so that they can
 * be switched off and on: {@code y = x W^T + b + strength · alpha / rank · (x down^T) up^T}. Needed
 * for training and for comparing with and without; a merged LoRA costs nothing at all.
 */
public final class LoraAdapters implements LinearAdapters, AutoCloseable {
    private final List<LoraMerge.Strength> loras;
    private final Set<String> used = new HashSet<>();
    private boolean on = true;

    /**
     * @param loras pairs of down and up only: a whole difference can only be merged
     */
    public LoraAdapters(List<LoraMerge.Strength> loras) {
        this.loras = List.copyOf(loras);
        for (var lora : loras) {
            lora.file()
                    .changes()
                    .forEach(
                            (name, change) -> {
                                if (change.up() == null) {
                                    throw new StageException(
                                            FailureCode.INVALID_CONFIG,
                                            "'%s' of the LoRA %s is a full-rank difference: it can be merged, but not kept as an adapter"
                                                    .formatted(change.down(), lora.file().path()));
                                }
                            });
        }
    }

    /** Switches all adapters. */
    public void on(boolean active) {
        on = active;
    }

    public boolean on() {
        return on;
    }

    @Override
    public Linear beside(Linear layer, Weights weights) {
        String name = weights.path("weight");
        Linear adapted = layer;
        for (var lora : loras) {
            var change = lora.file().changes().get(name);
            if (change != null) {
                used.add(lora.file().path() + " " + name);
                adapted = adapter(adapted, weights, lora, change);
            }
        }
        return adapted;
    }

    private Linear adapter(
            Linear layer, Weights weights, LoraMerge.Strength lora, LoraFile.Change change) {
        try (var scope = TensorScope.open()) {
            var file = lora.file().tensors();
            Tensor down = weights.device().place(file.tensor(change.down()), DType.FLOAT32);
            Tensor up =
                    weights.device()
                            .place(file.tensor(Objects.requireNonNull(change.up())), DType.FLOAT32);
            long rank = down.size(0);
            if (down.numel() != rank * layer.in() || up.numel() != rank * layer.out()) {
                throw new StageException(
                        FailureCode.MODEL_MISMATCH,
                        "'%s' of the LoRA %s does not fit '%s' (%d by %d): the LoRA belongs to another model"
                                .formatted(
                                        change.down(),
                                        lora.file().path(),
                                        weights.path("weight"),
                                        layer.out(),
                                        layer.in()));
            }
            Tensor scaled =
                    Ops.mul(up.reshape(layer.out(), rank), lora.strength() * change.scale());
            return new Adapted(
                    layer,
                    weights.parameters()
                            .own(Ops.to(down.reshape(rank, layer.in()), weights.dtype()).t()),
                    weights.parameters().own(Ops.to(scaled, weights.dtype()).t()));
        }
    }

    @Override
    public void requireAllUsed() {
        var left = new TreeSet<String>();
        for (var lora : loras) {
            for (String name : lora.file().changes().keySet()) {
                String key = lora.file().path() + " " + name;
                if (!used.contains(key)) {
                    left.add(key);
                }
            }
        }
        if (!left.isEmpty()) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "%d changes fit no layer that takes an adapter, such as %s"
                            .formatted(left.size(), left.first()));
        }
    }

    @Override
    public void close() {
        loras.forEach(lora -> lora.file().close());
    }

    private final class Adapted implements Linear {
        private final Linear layer;
        private final Tensor down;
        private final Tensor up;

        Adapted(Linear layer, Tensor down, Tensor up) {
            this.layer = layer;
            this.down = down;
            this.up = up;
        }

        @Override
        public Tensor apply(Tensor x) {
            if (!on) {
                return layer.apply(x);
            }
            return TensorScope.compute(() -> layer.apply(x).add(x.matmul(down).matmul(up)));
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
