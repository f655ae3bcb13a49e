package dev.reelrank.torch;

import dev.reelrank.pipeline.Device;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch_cuda;

/**
 * Weights of any shape, drawn where they are needed: for benchmarks of architectures whose weights
 * are not at hand. Values are normal with this deviation; nothing can be learned from the output.
 */
public final class RandomTensors implements TensorSource {
    private final double deviation;

    public RandomTensors(double deviation) {
        this.deviation = deviation;
    }

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
        // Where there is a GPU it makes the host's numbers too: the CPU would take minutes. It is
        // the thread's own, for others may be at work on another one.
        TorchDevice maker =
                !device.isCuda() && TorchRuntime.cudaAvailable()
                        ? TorchDevice.of(Device.parse("cuda:" + torch_cuda.current_device()))
                        : device;
        Tensor made = torch.randn(shape, maker.options(dtype)).mul_(new Scalar(deviation));
        return device.place(made, dtype);
    }

    @Override
    public String location() {
        return "random weights";
    }

    @Override
    public void close() {}
}
