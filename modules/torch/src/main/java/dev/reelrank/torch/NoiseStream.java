package dev.reelrank.torch;

import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Standard normal numbers from one seed, tensor after tensor: equal to those that Python's {@code
 * torch.randn} takes one after another from one {@code torch.Generator("cpu")}. The first tensor is
 * that of {@link Noise#normal}.
 */
public final class NoiseStream implements AutoCloseable {
    private final GeneratorOptional generator;

    /**
     * @param seed any 64 bits; negative seeds count modulo 2^64, as in Python
     */
    public NoiseStream(long seed) {
        try (var scope = TensorScope.open()) {
            generator = TensorScope.outlive(new GeneratorOptional(torch.make_generator_cpu(seed)));
        }
    }

    /** The next numbers, float32, on the CPU; a new tensor of the open scope. */
    public Tensor next(long... shape) {
        var cpu = TorchDevice.cpu();
        return TensorScope.compute(() -> torch.randn(shape, generator, cpu.options(DType.FLOAT32)));
    }

    @Override
    public void close() {
        generator.releaseReference();
    }
}
