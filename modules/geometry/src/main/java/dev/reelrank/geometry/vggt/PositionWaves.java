package dev.reelrank.geometry.vggt;

import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Sines and cosines of positions, made once for each size of a map: making and copying them took a
 * fifth of the network's time on a GPU, which waited meanwhile. A model sees few sizes, at most one
 * for each shape of a video.
 */
final class PositionWaves {
    private static final double WEIGHT = 0.1;
    private static final double BASE = 100;

    private record Size(int count, double span, int bands) {}

    private final Parameters parameters;
    private final TorchDevice device;
    private final Map<Size, Tensor> made = new HashMap<>();

    PositionWaves(Parameters parameters, TorchDevice device) {
        this.parameters = parameters;
        this.device = device;
    }

    /**
     * Sines, then cosines, of positions between minus and plus {@code span}; belongs to the model.
     *
     * @return shape (2 bands, count), float32
     */
    Tensor of(int count, double span, int bands) {
        return made.computeIfAbsent(new Size(count, span, bands), this::make);
    }

    private Tensor make(Size size) {
        int count = size.count();
        int bands = size.bands();
        float[] values = new float[2 * bands * count];
        float end = (float) (size.span() * (count - 1) / count);
        for (int i = 0; i < count; i++) {
            double at = count == 1 ? -end : -end + 2.0 * end * i / (count - 1);
            for (int k = 0; k < bands; k++) {
                double angle = at / Math.pow(BASE, (double) k / bands);
                values[k * count + i] = (float) (WEIGHT * Math.sin(angle));
                values[(bands + k) * count + i] = (float) (WEIGHT * Math.cos(angle));
            }
        }
        try (var scope = TensorScope.open()) {
            return parameters.own(
                    device.place(Ops.tensor(values, 2L * bands, count), DType.FLOAT32));
        }
    }
}
