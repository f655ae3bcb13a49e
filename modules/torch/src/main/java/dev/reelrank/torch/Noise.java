package dev.reelrank.torch;

import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch_cuda;

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

    /**
     * Float32 numbers drawn evenly from an interval, on the CPU: the same everywhere.
     *
     * @param seed any 64 bits
     */
    public static Tensor uniform(long seed, double from, double to, long... shape) {
        var cpu = TorchDevice.cpu();
        return TensorScope.compute(
                () ->
                        Ops.empty(cpu, DType.FLOAT32, shape)
                                .uniform_(
                                        from,
                                        to,
                                        new GeneratorOptional(torch.make_generator_cpu(seed))));
    }

    /**
     * Ones where a number is kept and zeros where it is dropped, drawn on the device. Equal seeds
     * give equal masks on one kind of device.
     *
     * @param kept share of ones, 0..1
     * @param like shape, type and device of the mask
     */
    public static Tensor mask(long seed, double kept, Tensor like) {
        return TensorScope.compute(
                () -> {
                    Generator generator =
                            like.is_cuda()
                                    ? torch_cuda.make_generator_cuda(like.device().index())
                                    : torch.make_generator_cpu(seed);
                    generator.set_current_seed(seed);
                    return torch.empty_like(like)
                            .bernoulli_(kept, new GeneratorOptional(generator));
                });
    }

    /**
     * One seed out of several numbers, such as a run's seed and a step: neighbours give unrelated
     * seeds (SplitMix64's finalizer, as in {@link java.util.SplittableRandom}).
     */
    public static long seed(long... parts) {
        long mixed = 0x9e3779b97f4a7c15L;
        for (long part : parts) {
            long z = mixed ^ (part + 0x9e3779b97f4a7c15L);
            z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
            z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
            mixed = z ^ (z >>> 31);
        }
        return mixed;
    }
}
