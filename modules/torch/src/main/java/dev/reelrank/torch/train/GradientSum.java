package dev.reelrank.torch.train;

import dev.reelrank.torch.DType;
import dev.reelrank.torch.Gradients;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Gradients of several backward passes, added one after the other in the order given: the same
 * numbers whether one device made them all or several made them side by side.
 */
public final class GradientSum implements AutoCloseable {
    private final TorchDevice device;
    private final Map<String, Tensor> sums = new LinkedHashMap<>();

    /**
     * @param device where the sums are
     */
    public GradientSum(TorchDevice device) {
        this.device = device;
    }

    /** Adds the gradients of these leaves and clears them. */
    public void take(Map<String, Tensor> leaves) {
        try (var scope = TensorScope.inference()) {
            leaves.forEach(
                    (name, leaf) -> {
                        if (Gradients.present(leaf)) {
                            add(name, device.place(Gradients.of(leaf), DType.FLOAT32));
                            Gradients.clear(leaf);
                        }
                    });
        }
    }

    private void add(String name, Tensor gradient) {
        Tensor sum = sums.get(name);
        if (sum == null) {
            gradient.retainReference();
            sums.put(name, gradient);
        } else {
            sum.add_(gradient);
        }
    }

    /** The sums by name; a weight that no gradient reached is missing. */
    public Map<String, Tensor> gradients() {
        return Collections.unmodifiableMap(sums);
    }

    @Override
    public void close() {
        sums.values().forEach(Tensor::releaseReference);
        sums.clear();
    }
}
