package dev.reelrank.torch;

import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * Weights of any shape that are the same each time they are read, drawn from their names: for
 * comparing two computations where no weights are at hand. They keep the size of what passes
 * through them, as trained weights do.
 */
public final class RepeatableTensors implements TensorSource {
    @Override
    public Set<String> names() {
        return Set.of();
    }

    @Override
    public boolean has(String name) {
        return true;
    }

    @Override
    public Tensor read(String name, TorchDevice device, DType dtype, long... shape) {
        return TensorScope.compute(
                () -> {
                    long fan = 1;
                    for (int i = 1; i < shape.length; i++) {
                        fan *= shape[i];
                    }
                    boolean norm = name.contains("norm") && name.endsWith("weight");
                    double scale = shape.length > 1 ? 1 / Math.sqrt((double) fan) : 0.2;
                    Tensor values = Ops.mul(Noise.normal(name.hashCode() & 0xffffL, shape), scale);
                    return device.place(norm ? Ops.add(values, 1) : values, dtype);
                });
    }

    @Override
    public String location() {
        return "weights drawn from their names";
    }

    @Override
    public void close() {}
}
