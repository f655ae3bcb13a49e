package dev.reelrank.qwen;

import dev.reelrank.torch.Linear;
import dev.reelrank.torch.LinearAdapters;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Several linear layers with one input, as one product: fewer and larger reads of memory, which is
 * what a step of decoding is made of.
 */
final class FusedLinear implements Linear {
    private final Tensor weight;
    private final TensorOptional bias;

    private FusedLinear(Tensor weight, TensorOptional bias) {
        this.weight = weight;
        this.bias = bias;
    }

    /** Keeps a weight (out, in) and a bias (out). */
    static Linear of(Parameters parameters, Tensor weight, @Nullable Tensor bias) {
        var kept = parameters.own(weight);
        return new FusedLinear(
                kept,
                parameters.own(bias == null ? new TensorOptional() : new TensorOptional(bias)));
    }

    /**
     * Loads {@code <name>.weight} (out, in) of each part, and its bias if there is one, and puts
     * them below each other.
     *
     * @param outs how many features each part gives
     */
    static Linear load(
            Weights weights,
            List<String> names,
            long in,
            List<Long> outs,
            Bias bias,
            QwenPrecision precision) {
        return load(weights, names, in, outs, bias, precision, true);
    }

    private static Linear load(
            Weights weights,
            List<String> names,
            long in,
            List<Long> outs,
            Bias bias,
            QwenPrecision precision,
            boolean packed) {
        try (var scope = TensorScope.open()) {
            var parts = new Tensor[names.size()];
            var biases = new Tensor[names.size()];
            for (var i = 0; i < parts.length; i++) {
                var child = weights.child(names.get(i));
                parts[i] = child.read("weight", weights.dtype(), outs.get(i), in);
                if (bias == Bias.PRESENT) {
                    biases[i] = child.read("bias", weights.dtype(), outs.get(i));
                }
            }
            var weight = parts.length == 1 ? parts[0] : Ops.cat(0, parts);
            var offset = bias == Bias.ABSENT ? null : Ops.cat(0, biases);
            return precision == QwenPrecision.INT4
                    ? Int4Linear.quantize(weights, weight, offset, packed)
                    : of(weights.parameters(), weight, offset);
        }
    }

    /**
     * The same with what adapters put beside the parts, each by its own name.
     *
     * @param adapters {@link LinearAdapters#NONE} for a layer as its weights say
     */
    static Linear load(
            Weights weights,
            List<String> names,
            long in,
            List<Long> outs,
            Bias bias,
            QwenPrecision precision,
            LinearAdapters adapters) {
        boolean plain = adapters == LinearAdapters.NONE;
        var base = load(weights, names, in, outs, bias, precision, plain);
        return plain ? base : AdaptedLinear.of(base, weights, names, outs, adapters);
    }

    /** Whether a layer has an added vector. */
    enum Bias {
        PRESENT,
        ABSENT
    }

    @Override
    public Tensor apply(Tensor x) {
        return torch.linear(x, weight, bias);
    }

    @Override
    public long in() {
        return weight.size(1);
    }

    @Override
    public long out() {
        return weight.size(0);
    }
}
