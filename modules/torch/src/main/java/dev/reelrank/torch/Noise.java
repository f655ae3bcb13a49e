package dev.reelrank.torch;

import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Random numbers that depend on a seed alone. */
public final class Noise {
    private Noise() {}

    /**
     * Standard normal float32 numbers, drawn on the CPU: the same everywhere, and equal to Python's
     * {@code torch.randn(shape, generator=torch.Generator("cpu").manual_seed(seed))}.
     *
     * @param seed any 64 bits; negative seeds count modulo 2^64, as in Python
     */
    public static Tensor normal(long seed, long... shape) {
        var cpu = TorchDevice.cpu();
        return TensorScope.compute(
                () ->
                        torch.randn(
                                shape,
                                new GeneratorOptional(torch.make_generator_cpu(seed)),
                                cpu.options(DType.FLOAT32)));
    }
}
