package dev.reelrank.torch.train;

import dev.reelrank.torch.Gradients;
import dev.reelrank.torch.TensorScope;
import java.util.ArrayList;
import java.util.Collection;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The length of all gradients together, and its limit. */
public final class GradientNorm {
    /** Keeps the quotient finite when there is no gradient, as PyTorch does. */
    private static final double EPSILON = 1e-6;

    private GradientNorm() {}

    /**
     * The root of the sum of squares of every gradient; gradients longer than the limit are scaled
     * down to it, all by one factor.
     *
     * @param weights leaves; those without a gradient do not count
     * @param limit above 0; infinite for none
     * @return the length before it was limited; not finite if a gradient is not
     */
    public static double limit(Collection<Tensor> weights, double limit) {
        try (var scope = TensorScope.inference()) {
            var gradients = new ArrayList<Tensor>();
            var norms = new ArrayList<Tensor>();
            for (Tensor weight : weights) {
                if (Gradients.present(weight)) {
                    Tensor gradient = Gradients.of(weight);
                    gradients.add(gradient);
                    norms.add(gradient.norm());
                }
            }
            if (norms.isEmpty()) {
                return 0;
            }
            double norm =
                    torch.stack(new org.bytedeco.pytorch.TensorVector(norms.toArray(Tensor[]::new)))
                            .norm()
                            .item_float();
            double factor = limit / (norm + EPSILON);
            if (factor < 1) {
                gradients.forEach(gradient -> gradient.mul_(new Scalar((float) factor)));
            }
            return norm;
        }
    }
}
