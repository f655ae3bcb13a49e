package dev.reelrank.geometry.lpips;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.pipeline.Device;
import dev.reelrank.testsupport.RelativeError;
import dev.reelrank.torch.Checkpoint;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.SafetensorsFile;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TensorSource;
import dev.reelrank.torch.TorchDevice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** Against the package lpips, with a backbone drawn by the rule of make_lpips.py. */
final class LpipsParityIT {
    private static final Path FOLDER = Path.of("src/test/resources/lpips");

    @Test
    void shouldSayWhatThePackageSays() {
        try (var lines = Checkpoint.open(FOLDER.resolve(Lpips.LINEAR));
                var expected = SafetensorsFile.open(FOLDER.resolve("expected.safetensors"));
                var lpips = Lpips.of(new DrawnBackbone(), lines, Device.CPU);
                var scope = TensorScope.inference()) {
            Tensor first = expected.tensor("first");
            Tensor second = expected.tensor("second");
            Tensor layers = Ops.stack(0, lpips.layers(first, second));
            assertThat(RelativeError.of(Ops.floats(layers), Ops.floats(expected.tensor("layers"))))
                    .isLessThan(1e-4);
            assertThat(
                            RelativeError.of(
                                    Ops.floats(layers.sum(0)),
                                    Ops.floats(expected.tensor("distance"))))
                    .isLessThan(1e-4);
            assertThat(Ops.floats(Ops.stack(0, lpips.layers(first, first)))).containsOnly(0f);
        }
    }

    /** Value i of tensor k is a hash of both, scaled by the number of inputs. */
    private static final class DrawnBackbone implements TensorSource {
        private final List<String> order = new ArrayList<>();

        DrawnBackbone() {
            for (int layer : new int[] {0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28}) {
                order.add("features.%d.weight".formatted(layer));
                order.add("features.%d.bias".formatted(layer));
            }
        }

        @Override
        public Set<String> names() {
            return Set.copyOf(order);
        }

        @Override
        public boolean has(String name) {
            return order.contains(name);
        }

        @Override
        public Tensor read(String name, TorchDevice device, DType dtype, long... shape) {
            long k = order.indexOf(name) + 1;
            long inputs = 1;
            for (int i = 1; i < shape.length; i++) {
                inputs *= shape[i];
            }
            double scale = shape.length > 1 ? Math.sqrt(6.0 / inputs) : 0.1;
            float[] values = new float[(int) (inputs * shape[0])];
            for (int i = 0; i < values.length; i++) {
                long h = (i * 2654435761L + k * 40503) & 0xffffffffL;
                h = ((h ^ h >>> 16) * 73244475) & 0xffffffffL;
                h = ((h ^ h >>> 16) * 73244475) & 0xffffffffL;
                h ^= h >>> 16;
                values[i] = (float) ((float) (h / (double) (1L << 31) - 1) * scale);
            }
            return device.place(Ops.tensor(values, shape), dtype);
        }

        @Override
        public String location() {
            return "a drawn backbone";
        }

        @Override
        public void close() {}
    }
}
