package dev.reelrank.diffusion;

import dev.reelrank.torch.MemoryReport;
import dev.reelrank.torch.TorchDevice;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Denoises, then shows what has come of it, and says what both took. */
public final class TimedGeneration {
    private TimedGeneration() {}

    /**
     * Runs in the open scope of the caller.
     *
     * @param denoise null when it was cancelled
     * @param leave frees the device of the network; called whatever happened
     * @param show decodes the latents
     * @return empty when it was cancelled
     */
    public static Optional<Generation> of(
            DenoisingLoop loop,
            TorchDevice device,
            Function<DenoisingLoop, @Nullable Tensor> denoise,
            Runnable leave,
            BiConsumer<DenoisingLoop, Tensor> show) {
        long begin = System.nanoTime();
        MemoryReport.resetPeak(device);
        Tensor latents;
        try {
            latents = denoise.apply(loop);
        } finally {
            leave.run();
        }
        if (latents == null) {
            return Optional.empty();
        }
        long denoised = System.nanoTime();
        var working = MemoryReport.of(device);
        device.emptyCache();
        MemoryReport.resetPeak(device);
        show.accept(loop, latents);
        var timings =
                Map.of(
                        "denoise", (denoised - begin) / 1_000_000,
                        "decode", (System.nanoTime() - denoised) / 1_000_000);
        var memory = Map.of("denoise", working, "decode", MemoryReport.of(device));
        device.emptyCache();
        return Optional.of(new Generation(loop.timesteps(), Map.of(), timings, memory));
    }
}
