package dev.reelrank.bench.sparse;

import dev.reelrank.bench.wan.Architecture;
import dev.reelrank.pipeline.Device;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Noise;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.wan.WanPiecewise;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** How far one evaluation with random weights is from the dense one. */
public final class RandomError {
    private static final int LATENT_FRAMES = 5;
    private static final int SIDE = 32;
    private static final int TOKENS = 40;
    private static final double TIMESTEP = 900;

    private RandomError() {}

    /**
     * The relative error (norm of the difference over norm) at each share; every layer is sparse.
     */
    public static List<Double> of(List<Double> shares, Device where) {
        var architecture = Architecture.TESTBED;
        try (var scope = TensorScope.open()) {
            var device = TorchDevice.of(where);
            var parts = new WanPiecewise(architecture.repeatable(), device, DType.FLOAT32);
            long channels = architecture.latentChannels() + architecture.imageChannels();
            Tensor x = Noise.normal(1, 1, channels, LATENT_FRAMES, SIDE, SIDE);
            Tensor text = Noise.normal(2, TOKENS, architecture.textDim());
            Tensor dense = parts.velocity("transformer", List.of(), x, TIMESTEP, text);
            return shares.stream()
                    .map(
                            share -> {
                                Tensor sparse =
                                        parts.velocity(
                                                "transformer", List.of(), x, TIMESTEP, text, share);
                                return sparse.sub(dense).norm().item_double()
                                        / dense.norm().item_double();
                            })
                    .toList();
        }
    }
}
