package dev.reelrank.qwen;

import dev.reelrank.torch.Linear;
import dev.reelrank.torch.LinearAdapters;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A product of several parts, and beside it what the adapters of the parts add. The product stays
 * one: a base in 4 bits is widened once.
 */
final class AdaptedLinear implements Linear {
    private final Linear base;
    private final List<Linear> changes;

    private AdaptedLinear(Linear base, List<Linear> changes) {
        this.base = base;
        this.changes = changes;
    }

    /**
     * The product with the adapters of its parts.
     *
     * @param names of the parts below these weights, in the order of the product
     * @param outs how many features each part gives
     * @return the base itself where no part has an adapter
     */
    static Linear of(
            Linear base,
            Weights weights,
            List<String> names,
            List<Long> outs,
            LinearAdapters adapters) {
        var changes = new ArrayList<Linear>();
        boolean any = false;
        for (int i = 0; i < names.size(); i++) {
            var nothing = new Nothing(base.in(), outs.get(i));
            var change = adapters.beside(nothing, weights.child(names.get(i)));
            any |= !(change instanceof Nothing);
            changes.add(change);
        }
        return any ? new AdaptedLinear(base, changes) : base;
    }

    @Override
    public Tensor apply(Tensor x) {
        return TensorScope.compute(
                () -> {
                    var parts = new Tensor[changes.size()];
                    for (int i = 0; i < parts.length; i++) {
                        parts[i] = changes.get(i).apply(x);
                    }
                    Tensor change = parts.length == 1 ? parts[0] : Ops.cat(-1, parts);
                    return base.apply(x).add(change);
                });
    }

    @Override
    public long in() {
        return base.in();
    }

    @Override
    public long out() {
        return base.out();
    }

    /** A part whose product the base computes: only its adapter's change counts. */
    private record Nothing(long in, long out) implements Linear {
        @Override
        public Tensor apply(Tensor x) {
            var shape = x.shape();
            shape[shape.length - 1] = out;
            return x.new_zeros(shape);
        }
    }
}
