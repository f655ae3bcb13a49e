package dev.reelrank.geometry.met3r;

import dev.reelrank.torch.Conv2d;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.LayerNorm;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.Weights;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * FeatUp's stack of four learned joint bilateral upsamplers (arXiv 2403.10516): features become
 * sixteen times as large, along the edges of the picture. The kernel of a pixel is a softmax over
 * how alike its neighbours' colours are, times a Gaussian, plus a learned correction.
 */
final class FeatureUpsampler {
    private static final int STAGES = 4;
    private static final int RADIUS = 3;
    private static final int DIAMETER = 2 * RADIUS + 1;
    private static final double CORRECTION = 0.1;
    private static final double LEAST_SUM = 1e-7;
    private static final double LEAST_TEMPERATURE = 1e-4;
    private static final double MOST_TEMPERATURE = 1e4;
    private static final double NORM_EPSILON = 1e-5;

    private final TorchDevice device;
    private final LayerNorm norm;
    private final List<Stage> stages = new ArrayList<>();
    private final Conv2d last;

    /**
     * @param weights of FeatUp's checkpoint: {@code model.1.norm} and {@code upsampler}
     * @param dim width of the features
     */
    FeatureUpsampler(Weights weights, TensorShapes files, int dim) {
        device = weights.device();
        norm = LayerNorm.load(weights.child("model.1.norm"), dim, NORM_EPSILON);
        Weights stack = weights.child("upsampler");
        for (int i = 1; i <= STAGES; i++) {
            String path = "upsampler.up" + i + ".range_proj.0.weight";
            int key = (int) Dust3rConfig.shape(files, path, "FeatUp's upsampler")[0];
            stages.add(new Stage(stack.child("up" + i), key));
        }
        last = Conv2d.load(stack.child("fixup_proj.1"), dim, dim, 1, 1, 0);
    }

    /**
     * Enlarges features.
     *
     * @param features shape (1, dim, rows, columns)
     * @param image 0..1, shape (1, 3, height, width)
     * @return shape (1, dim, 16 rows, 16 columns)
     */
    Tensor apply(Tensor features, Tensor image) {
        return TensorScope.compute(
                () -> {
                    Tensor x = norm.apply(features.permute(0, 2, 3, 1)).permute(0, 3, 1, 2);
                    for (Stage stage : stages) {
                        Tensor larger = stage.apply(x, image);
                        x.close();
                        x = larger;
                    }
                    return Ops.mul(last.apply(x), CORRECTION).add(x);
                });
    }

    private final class Stage {
        private final double temperature;
        private final Tensor spatial;
        private final Conv2d keysFirst;
        private final Conv2d keysSecond;
        private final Conv2d fixFirst;
        private final Conv2d fixSecond;

        Stage(Weights weights, int key) {
            int cells = DIAMETER * DIAMETER;
            keysFirst = Conv2d.load(weights.child("range_proj.0"), 3, key, 1, 1, 0);
            keysSecond = Conv2d.load(weights.child("range_proj.3"), key, key, 1, 1, 0);
            fixFirst = Conv2d.load(weights.child("fixup_proj.0"), 3L + cells, cells, 1, 1, 0);
            fixSecond = Conv2d.load(weights.child("fixup_proj.3"), cells, cells, 1, 1, 0);
            try (var scope = TensorScope.open()) {
                double log = Ops.floats(weights.read("range_temp", DType.FLOAT32))[0];
                temperature =
                        Math.min(MOST_TEMPERATURE, Math.max(LEAST_TEMPERATURE, Math.exp(log)));
                double sigma = Ops.floats(weights.read("sigma_spatial", DType.FLOAT32))[0];
                spatial = weights.parameters().own(gaussian(sigma));
            }
        }

        private Tensor gaussian(double sigma) {
            float[] values = new float[DIAMETER * DIAMETER];
            for (int i = 0; i < values.length; i++) {
                int row = i / DIAMETER;
                int column = i % DIAMETER;
                double y = (double) row / RADIUS - 1;
                double x = (double) column / RADIUS - 1;
                values[i] = (float) Math.exp(-(x * x + y * y) / (2 * sigma * sigma));
            }
            return device.place(
                    Ops.tensor(values, 1, (long) DIAMETER * DIAMETER, 1, 1), DType.FLOAT32);
        }

        Tensor apply(Tensor source, Tensor image) {
            return TensorScope.compute(
                    () -> {
                        long rows = 2 * source.size(2);
                        long columns = 2 * source.size(3);
                        Tensor guide = torch.adaptive_avg_pool2d(image, rows, columns);
                        Tensor kernel = TensorScope.compute(() -> kernel(guide));
                        Tensor large = padded(bicubic(source, rows, columns));
                        Tensor sum = shifted(large, 0, rows, columns).mul(kernel.narrow(1, 0, 1));
                        // Never all 49 neighbours at once: at full size they take 5 GB.
                        for (int i = 1; i < DIAMETER * DIAMETER; i++) {
                            int cell = i;
                            TensorScope.run(
                                    () ->
                                            sum.addcmul_(
                                                    shifted(large, cell, rows, columns),
                                                    kernel.narrow(1, cell, 1)));
                        }
                        return sum;
                    });
        }

        private Tensor kernel(Tensor guide) {
            long rows = guide.size(2);
            long columns = guide.size(3);
            Tensor keys = keysSecond.apply(Ops.geluExact(keysFirst.apply(guide)));
            Tensor around = padded(keys);
            Tensor[] alike = new Tensor[DIAMETER * DIAMETER];
            for (int i = 0; i < alike.length; i++) {
                int cell = i;
                alike[i] =
                        TensorScope.compute(
                                () ->
                                        shifted(around, cell, rows, columns)
                                                .mul(keys)
                                                .sum(
                                                        new long[] {1},
                                                        true,
                                                        new ScalarTypeOptional()));
            }
            Tensor range = torch.softmax(Ops.mul(Ops.cat(1, alike), temperature), 1);
            Tensor both = range.mul(spatial);
            Tensor whole =
                    both.sum(new long[] {1}, true, new ScalarTypeOptional())
                            .clamp_min(new Scalar(LEAST_SUM));
            Tensor even = both.div(whole);
            Tensor fixed = fixSecond.apply(Ops.geluExact(fixFirst.apply(Ops.cat(1, even, guide))));
            return even.add(Ops.mul(fixed, CORRECTION));
        }

        private static Tensor shifted(Tensor padded, int cell, long rows, long columns) {
            return padded.narrow(2, cell / DIAMETER, rows).narrow(3, cell % DIAMETER, columns);
        }

        private static Tensor padded(Tensor x) {
            return torch.reflection_pad2d(x, RADIUS, RADIUS, RADIUS, RADIUS);
        }

        private static Tensor bicubic(Tensor x, long rows, long columns) {
            Tensor source = x.contiguous();
            Tensor out =
                    torch.empty(
                            new long[] {x.size(0), x.size(1), rows, columns},
                            x.options(),
                            new MemoryFormatOptional());
            return torch.upsample_bicubic2d_outf(
                    source,
                    new long[] {rows, columns},
                    false,
                    new DoubleOptional(),
                    new DoubleOptional(),
                    out);
        }
    }
}
