package dev.reelrank.torch.train;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.TensorScope;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * AdamW (Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2019), operation by
 * operation as PyTorch's, with its state open to be stored: per weight a mean and a mean square of
 * its gradients.
 */
public final class AdamW implements AutoCloseable {
    private final Map<String, Tensor> weights;
    private final Settings settings;
    private final Parameters parameters = new Parameters();
    private final Map<String, Tensor> means = new LinkedHashMap<>();
    private final Map<String, Tensor> squares = new LinkedHashMap<>();
    private long steps;

    /**
     * The constants of the method.
     *
     * @param beta1 memory of the mean, 0..1
     * @param beta2 memory of the mean square, 0..1
     * @param epsilon added to the root of the mean square, above 0
     * @param weightDecay share of a weight that a learning rate of 1 would take away per step, at
     *     least 0
     */
    public record Settings(double beta1, double beta2, double epsilon, double weightDecay) {
        /** PyTorch's defaults. */
        public static final Settings DEFAULT = new Settings(0.9, 0.999, 1e-8, 1e-2);

        public Settings {
            if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1)) {
                throw invalid("betas must lie in [0, 1), were " + beta1 + " and " + beta2);
            }
            if (!(epsilon > 0) || !(weightDecay >= 0) || Double.isInfinite(weightDecay)) {
                throw invalid(
                        "epsilon must be above 0 and weight decay at least 0, were "
                                + epsilon
                                + " and "
                                + weightDecay);
            }
        }

        /** The same with another weight decay. */
        public Settings withWeightDecay(double other) {
            return new Settings(beta1, beta2, epsilon, other);
        }

        private static StageException invalid(String message) {
            return new StageException(FailureCode.INVALID_CONFIG, "AdamW: " + message);
        }
    }

    /**
     * @param weights leaves by name; stay the caller's and must outlive this
     */
    public AdamW(Map<String, Tensor> weights, Settings settings) {
        this.weights = new LinkedHashMap<>(weights);
        this.settings = settings;
        try (var scope = TensorScope.inference()) {
            weights.forEach(
                    (name, weight) -> {
                        means.put(name, parameters.own(torch.zeros_like(weight)));
                        squares.put(name, parameters.own(torch.zeros_like(weight)));
                    });
        }
    }

    /** Steps taken. */
    public long steps() {
        return steps;
    }

    /**
     * Changes every weight by its gradient; a weight without one is left alone.
     *
     * @param gradients by the weights' names
     * @param learningRate at least 0
     */
    public void step(Map<String, Tensor> gradients, double learningRate) {
        steps++;
        double correction1 = 1 - Math.pow(settings.beta1, (double) steps);
        double correction2 = 1 - Math.pow(settings.beta2, (double) steps);
        weights.forEach(
                (name, weight) -> {
                    try (var scope = TensorScope.inference()) {
                        Tensor gradient = gradients.get(name);
                        if (gradient != null) {
                            change(name, weight, gradient, learningRate, correction1, correction2);
                        }
                    }
                });
    }

    private void change(
            String name,
            Tensor weight,
            Tensor gradient,
            double learningRate,
            double correction1,
            double correction2) {
        Tensor mean = Objects.requireNonNull(means.get(name));
        Tensor square = Objects.requireNonNull(squares.get(name));
        weight.mul_(new Scalar(1 - learningRate * settings.weightDecay));
        mean.lerp_(gradient, new Scalar(1 - settings.beta1));
        square.mul_(new Scalar(settings.beta2))
                .addcmul_(gradient, gradient, new Scalar(1 - settings.beta2));
        Tensor divisor =
                square.sqrt()
                        .div_(new Scalar(Math.sqrt(correction2)))
                        .add_(new Scalar(settings.epsilon));
        weight.addcdiv_(mean, divisor, new Scalar(-learningRate / correction1));
    }

    /** Means and mean squares under {@code NAME.exp_avg} and {@code NAME.exp_avg_sq}. */
    public Map<String, Tensor> state() {
        var state = new LinkedHashMap<String, Tensor>();
        means.forEach((name, mean) -> state.put(name + ".exp_avg", mean));
        squares.forEach((name, square) -> state.put(name + ".exp_avg_sq", square));
        return state;
    }

    /**
     * Goes on from stored state.
     *
     * @param stored what {@link #state} gave, or the same read from a file
     * @param stepsTaken what {@link #steps} gave
     * @throws StageException MODEL_MISMATCH when a weight's state is missing or of another shape
     */
    public void restore(Map<String, Tensor> stored, long stepsTaken) {
        try (var scope = TensorScope.inference()) {
            state().forEach((key, own) -> copy(key, stored.get(key), own));
        }
        steps = stepsTaken;
    }

    private static void copy(
            String key, @org.jspecify.annotations.Nullable Tensor from, Tensor to) {
        if (from == null || !Arrays.equals(from.shape(), to.shape())) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "the optimizer's state '%s' is %s, but %s is needed: it belongs to another training"
                            .formatted(
                                    key,
                                    from == null ? "missing" : Arrays.toString(from.shape()),
                                    Arrays.toString(to.shape())));
        }
        to.copy_(from);
    }

    @Override
    public void close() {
        parameters.close();
    }
}
