package dev.reelrank.animatediff;

import dev.reelrank.torch.Checkpoint;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.TensorSource;
import dev.reelrank.torch.TorchDevice;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * Some tensors of a file under other names. Matrices that it stores as convolutions of one pixel
 * are given as matrices.
 *
 * @param file closed with this
 * @param stored by the name that the model asks for: the name in the file
 */
record FlatTensors(Checkpoint file, Map<String, String> stored) implements TensorSource {
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
        String own = stored.getOrDefault(name, name);
        boolean flat = shape.length == 2 && file.has(own) && file.info(own).shape().length == 4;
        return flat
                ? file.read(own, device, dtype, shape[0], shape[1], 1, 1).reshape(shape)
                : file.read(own, device, dtype, shape);
    }

    @Override
    public String location() {
        return file.location();
    }

    @Override
    public void close() {
        file.close();
    }
}
