package dev.reelrank.wan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.LinearFormat;
import dev.reelrank.torch.Noise;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.RandomTensors;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.TorchRuntime;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** What rounding costs, what a rerun gives, and what a cancelled run leaves. */
final class PrecisionTest {
    private final TorchDevice cpu = TorchDevice.cpu();

    @Test
    void shouldLoseLittleWithShorterNumbers() {
        var config =
                new TransformerConfig(
                        2, 4, 32, 256, 36, 16, new int[] {1, 2, 2}, 64, 64, 1e-6, true, 64);
        try (var scope = TensorScope.open()) {
            Tensor text = Noise.normal(1, 9, 64);
            text.retainReference();
            Map<Precision, Tensor> outputs = new EnumMap<>(Precision.class);
            try (var context = new TextContext(text, 503);
                    var weights = new RepeatableTensors()) {
                for (var precision : Precision.values()) {
                    try (var model =
                                    new WanTransformer(
                                            config,
                                            weights,
                                            cpu,
                                            cpu,
                                            precision.dtype(),
                                            precision.format(),
                                            new EagerMath());
                            var input = model.prompt(context, BlockVisits.RESIDENT)) {
                        outputs.put(
                                precision,
                                Ops.to(
                                        model.apply(
                                                Noise.normal(2, 1, 36, 3, 8, 8),
                                                900,
                                                input,
                                                BlockVisits.RESIDENT),
                                        DType.FLOAT32));
                    }
                }
            }
            Tensor exact = outputs.get(Precision.FP32);
            assertThat(error(outputs.get(Precision.BF16), exact)).isBetween(1e-4, 0.02);
            assertThat(error(outputs.get(Precision.FP8_WEIGHTS), exact)).isBetween(1e-3, 0.06);
            assertThat(error(outputs.get(Precision.FP8), exact)).isBetween(1e-3, 0.08);
        }
    }

    private static double error(Tensor actual, Tensor exact) {
        return actual.sub(exact).norm().item_float() / exact.norm().item_float();
    }

    private static WanPipeline pipeline(Precision precision) {
        return WanPipeline.load(
                WanSnapshot.open(Fixtures.I2V),
                new LoadSettings(precision, Offload.NONE, List.of(), null),
                TorchDevice.cpu());
    }

    private static RgbImage image() {
        try (var expected = Fixtures.expected()) {
            return Fixtures.image(expected, "image.source");
        }
    }

    private static final GenerationSettings SMALL =
            new GenerationSettings(32, 32, 5, 3, 1, "never seen", "euler", 5, 0.9);

    @Test
    void shouldGiveTheSamePixelsForTheSameSeedAndOthersForAnother() {
        try (var pipeline = pipeline(Precision.FP32);
                var conditioning = pipeline.condition(SMALL, "a cat", image())) {
            byte[] first = pixels(pipeline, conditioning, 1);
            assertThat(pixels(pipeline, conditioning, 1)).isEqualTo(first);
            assertThat(pixels(pipeline, conditioning, 2)).isNotEqualTo(first);
        }
    }

    private static byte[] pixels(WanPipeline pipeline, Conditioning conditioning, long seed) {
        return pipeline.generate(conditioning, seed, GenerationListener.NONE)
                .orElseThrow()
                .frames()
                .get(4)
                .rgb();
    }

    @Test
    void shouldStopBetweenTwoStepsWhenCancelled() {
        var steps = new AtomicInteger();
        try (var pipeline = pipeline(Precision.FP32);
                var conditioning = pipeline.condition(SMALL, "a cat", image())) {
            var listener =
                    new GenerationListener() {
                        @Override
                        public void step(int step, int of) {
                            steps.incrementAndGet();
                        }

                        @Override
                        public boolean cancelled() {
                            return steps.get() == 2;
                        }
                    };
            assertThat(pipeline.generate(conditioning, 1, listener)).isEmpty();
            assertThat(steps.get()).isEqualTo(2);
            assertThat(pipeline.generate(conditioning, 1, GenerationListener.NONE)).isPresent();
        }
    }

    @Test
    void shouldCountStepsUntilTheExpertChanges() {
        try (var pipeline = pipeline(Precision.FP32);
                var conditioning =
                        pipeline.condition(
                                new GenerationSettings(32, 32, 1, 8, 1, "", "euler", 5, 0.9),
                                "a cat",
                                image())) {
            var video = pipeline.generate(conditioning, 1, GenerationListener.NONE).orElseThrow();
            assertThat(video.switchStep()).isEqualTo(3);
            assertThat(video.frames()).hasSize(1);
        }
    }

    static boolean gpu() {
        return TorchRuntime.cudaAvailable();
    }

    @Test
    @EnabledIf("gpu")
    void shouldAgreeWithTheUnfusedComputationOnAGpu() {
        var gpu = TorchDevice.of(dev.reelrank.pipeline.Device.parse("cuda:0"));
        var config =
                new TransformerConfig(
                        2, 8, 128, 2816, 36, 16, new int[] {1, 2, 2}, 512, 256, 1e-6, true, 1024);
        try (var scope = TensorScope.open();
                var weights = new RepeatableTensors();
                var fused = new FusedMath(config, gpu, false)) {
            Tensor text = Noise.normal(1, 30, 512);
            text.retainReference();
            try (var context = new TextContext(text, 482)) {
                Tensor[] outputs = new Tensor[2];
                for (int i = 0; i < 2; i++) {
                    try (var model =
                                    new WanTransformer(
                                            config,
                                            weights,
                                            gpu,
                                            gpu,
                                            DType.BFLOAT16,
                                            LinearFormat.DENSE,
                                            i == 0 ? new EagerMath() : fused);
                            var input = model.prompt(context, BlockVisits.RESIDENT)) {
                        outputs[i] =
                                Ops.to(
                                        model.apply(
                                                Noise.normal(2, 1, 36, 5, 16, 16),
                                                900,
                                                input,
                                                BlockVisits.RESIDENT),
                                        DType.FLOAT32);
                    }
                }
                assertThat(error(outputs[1], outputs[0])).isLessThan(0.01);
            }
        }
    }

    /** Random weights that are the same each time they are read. */
    private static final class RepeatableTensors implements dev.reelrank.torch.TensorSource {
        private final RandomTensors location = new RandomTensors(0);

        @Override
        public java.util.Set<String> names() {
            return location.names();
        }

        @Override
        public boolean has(String name) {
            return true;
        }

        @Override
        public Tensor read(String name, TorchDevice device, DType dtype, long... shape) {
            long fan = 1;
            for (int i = 1; i < shape.length; i++) {
                fan *= shape[i];
            }
            boolean norm = name.contains("norm") && name.endsWith("weight");
            double scale = shape.length > 1 ? 1 / Math.sqrt(fan) : 0.2;
            Tensor values = Ops.mul(Noise.normal(name.hashCode() & 0xffffL, shape), scale);
            return device.place(norm ? Ops.add(values, 1) : values, dtype);
        }

        @Override
        public String location() {
            return location.location();
        }

        @Override
        public void close() {}
    }
}
