package dev.reelrank.diffusion;

import dev.reelrank.torch.DType;
import dev.reelrank.torch.TensorSource;
import dev.reelrank.torch.TorchDevice;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/** Tensors under other names than their file has: one model is published in several layouts. */
public final class RenamedTensors implements TensorSource {
    private final TensorSource base;
    private final Map<String, String> stored;

    /**
     * @param base closed with this
     * @param stored by the name that the model asks for: the name that the base has
     */
    public RenamedTensors(TensorSource base, Map<String, String> stored) {
        this.base = base;
        this.stored = Map.copyOf(stored);
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(stored.keySet());
    }

    @Override
    public boolean has(String name) {
        return stored.containsKey(name);
    }

    @Override
    public Tensor read(String name, TorchDevice device, DType dtype, long... shape) {
        return base.read(stored.getOrDefault(name, name), device, dtype, shape);
    }

    @Override
    public String location() {
        return base.location();
    }

    @Override
    public void close() {
        base.close();
    }
}
