package dev.reelrank.animatediff;

import dev.reelrank.torch.DType;
import dev.reelrank.torch.TensorSource;
import dev.reelrank.torch.TorchDevice;
import java.util.Set;
import java.util.TreeSet;
import org.bytedeco.pytorch.Tensor;

/**
 * The tensors of a UNet and of the motion adapter beside it: they have no name in common.
 *
 * @param first closed with this
 * @param second closed with this
 */
record JoinedTensors(TensorSource first, TensorSource second) implements TensorSource {
    @Override
    public Set<String> names() {
        var names = new TreeSet<>(first.names());
        names.addAll(second.names());
        return names;
    }

    @Override
    public boolean has(String name) {
        return first.has(name) || second.has(name);
    }

    @Override
    public Tensor read(String name, TorchDevice device, DType dtype, long... shape) {
        boolean motion = name.contains("motion_modules.") || second.has(name);
        return (motion ? second : first).read(name, device, dtype, shape);
    }

    @Override
    public String location() {
        return first.location() + " and " + second.location();
    }

    @Override
    public void close() {
        first.close();
        second.close();
    }
}
