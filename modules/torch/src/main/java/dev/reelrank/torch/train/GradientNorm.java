package dev.reelrank.torch.train;

import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import java.util.Collection;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** The length of all gradients together, and its limit. */
public final class GradientNorm {
    /** Keeps the quotient finite when there is no gradient, as PyTorch does. */
    private static final double EPSILON = 1e-6;

    private GradientNorm() {}

    /**
     * The root of the sum of squares of every gradient; gradients longer than the limit are scaled
     * down to it, all by one factor.
     *
     * @param gradients scaled in place
     * @param limit above 0; infinite for none
     * @return the length before it was limited; not finite if a gradient is not
     */
    public static double limit(Collection<Tensor> gradients, double limit) {
        try (var scope = TensorScope.inference()) {
            if (gradients.isEmpty()) {
                return 0;
            }
            Tensor[] norms = gradients.stream().map(Tensor::norm).toArray(Tensor[]::new);
            double norm = Ops.stack(0, norms).norm().item_float();
            double factor = limit / (norm + EPSILON);
            if (factor < 1) {
                gradients.forEach(gradient -> gradient.mul_(new Scalar((float) factor)));
            }
            return norm;
        }
    }
}
