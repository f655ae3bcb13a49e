package dev.reelrank.animatediff;

import dev.reelrank.torch.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/** What encoder and decoder of pictures do between their first and their last convolution. */
final class PictureSteps {
    private final List<UnaryOperator<Tensor>> steps = new ArrayList<>();

    void add(UnaryOperator<Tensor> step) {
        steps.add(step);
    }

    /**
     * One after another; what is not needed any more is freed at once.
     *
     * @param first freed with the others
     */
    Tensor apply(Tensor first) {
        Tensor h = first;
        for (var step : steps) {
            Tensor before = h;
            h = TensorScope.compute(() -> step.apply(before));
            before.close();
        }
        return h;
    }
}
