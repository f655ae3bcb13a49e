package dev.reelrank.wan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.diffusion.Conditioning;
import dev.reelrank.diffusion.GenerationListener;
import dev.reelrank.diffusion.GenerationSettings;
import dev.reelrank.diffusion.LatentsFile;
import dev.reelrank.diffusion.LoadSettings;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.offload.BlockVisits;
import dev.reelrank.diffusion.offload.Offload;
import dev.reelrank.diffusion.text.TextContext;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.LinearFormat;
import dev.reelrank.torch.Noise;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.RepeatableTensors;
import dev.reelrank.torch.SafetensorsFile;
import dev.reelrank.torch.SideStream;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What rounding costs, what a rerun gives, and what a cancelled run leaves. */
final class PrecisionIT {
    private final TorchDevice cpu = TorchDevice.cpu();

    private static WanPipeline pipeline(Precision precision) {
        return pipeline(precision, Offload.NONE);
    }

    private static WanPipeline pipeline(Precision precision, Offload offload) {
        return WanPipeline.load(
                WanSnapshot.open(Fixtures.I2V),
                new LoadSettings(precision, offload, List.of(), null),
                TorchDevice.cpu());
    }

    private static RgbImage image() {
        try (var expected = Fixtures.expected()) {
            return Fixtures.image(expected, "image.source");
        }
    }

    private static final GenerationSettings SMALL =
            Fixtures.settings(32, 32, 5, 3, 1, "never seen", "euler", 5, 0.9);

    @Test
    void shouldGiveTheSamePixelsForTheSameSeedAndOthersForAnother() {
        try (var pipeline = pipeline(Precision.FP32);
                var conditioning = pipeline.condition(SMALL, "a cat", image())) {
            byte[] first = pixels(pipeline, conditioning, 1);
            assertThat(pixels(pipeline, conditioning, 1)).isEqualTo(first);
            assertThat(pixels(pipeline, conditioning, 2)).isNotEqualTo(first);
        }
    }

    /** On the CPU nothing moves, whatever is asked for. */
    @ParameterizedTest
    @EnumSource(Offload.class)
    void shouldGiveTheSamePixelsInEveryOffloadMode(Offload offload) {
        for (var precision : List.of(Precision.FP32, Precision.BF16)) {
            byte[] resident;
            try (var pipeline = pipeline(precision);
                    var conditioning = pipeline.condition(SMALL, "a cat", image())) {
                resident = pixels(pipeline, conditioning, 1);
            }
            try (var pipeline = pipeline(precision, offload);
                    var conditioning = pipeline.condition(SMALL, "a cat", image())) {
                assertThat(pixels(pipeline, conditioning, 1)).isEqualTo(resident);
                assertThat(pixels(pipeline, conditioning, 1)).isEqualTo(resident);
            }
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
    void shouldComputeTheSameWithBlocksThatComeOneByOne() {
        var config =
                new TransformerConfig(
                        3, 2, 16, 64, 36, 16, new int[] {1, 2, 2}, 32, 64, 1e-6, true, 64);
        try (var scope = TensorScope.open();
                var side = new SideStream(cpu);
                var model =
                        new WanTransformer(
                                config,
                                new RepeatableTensors(),
                                cpu,
                                cpu,
                                DType.FLOAT32,
                                LinearFormat.DENSE,
                                new EagerMath());
                var text = new TextContext(kept(Noise.normal(1, 5, 32)), 507)) {
            float[] resident = evaluated(model, text, BlockVisits.RESIDENT);
            var streaming = BlockVisits.streaming(cpu, model.blockWeights(), side);
            assertThat(evaluated(model, text, streaming)).isEqualTo(resident);
            assertThat(evaluated(model, text, streaming)).isEqualTo(resident);
        }
    }

    @Test
    void blocksThatTakeTheRoomOfOthersShouldComputeTheSameAndStay() {
        var config =
                new TransformerConfig(
                        3, 2, 16, 64, 36, 16, new int[] {1, 2, 2}, 32, 64, 1e-6, true, 64);
        try (var scope = TensorScope.open();
                var side = new SideStream(cpu);
                var first = model(config);
                var second = model(config);
                var text = new TextContext(kept(Noise.normal(1, 5, 32)), 507)) {
            float[] resident = evaluated(second, text, BlockVisits.RESIDENT);
            first.blockWeights().forEach(block -> block.visit(cpu));
            int[] most = {0};
            var arriving =
                    BlockVisits.arriving(cpu, second.blockWeights(), side, first.blockWeights());
            var counted =
                    new BlockVisits() {
                        @Override
                        public void enter(Parameters block) {
                            arriving.enter(block);
                            most[0] = Math.max(most[0], there(first) + there(second));
                        }

                        @Override
                        public void exit(Parameters block) {
                            arriving.exit(block);
                            most[0] = Math.max(most[0], there(first) + there(second));
                        }
                    };
            assertThat(evaluated(second, text, counted)).isEqualTo(resident);
            assertThat(most[0]).isEqualTo(4);
            assertThat(there(first)).isZero();
            assertThat(there(second)).isEqualTo(3);
            second.blockWeights().forEach(Parameters::leave);
            assertThat(evaluated(second, text, BlockVisits.RESIDENT)).isEqualTo(resident);
        }
    }

    private WanTransformer model(TransformerConfig config) {
        return new WanTransformer(
                config,
                new RepeatableTensors(),
                cpu,
                cpu,
                DType.FLOAT32,
                LinearFormat.DENSE,
                new EagerMath());
    }

    private static int there(WanTransformer model) {
        return (int) model.blockWeights().stream().filter(Parameters::visiting).count();
    }

    private static float[] evaluated(WanTransformer model, TextContext text, BlockVisits visits) {
        try (var prompt = model.prompt(text)) {
            return Ops.floats(model.apply(Noise.normal(2, 1, 36, 2, 4, 4), 900, prompt, visits));
        }
    }

    private static Tensor kept(Tensor tensor) {
        tensor.retainReference();
        return tensor;
    }

    @Test
    void shouldWriteTheLatentsOfTheStepAskedFor(@TempDir Path folder) {
        try (var pipeline = pipeline(Precision.FP32);
                var conditioning = pipeline.condition(SMALL, "a cat", image())) {
            float[] second = latents(pipeline, conditioning, folder.resolve("2"), 2);
            assertThat(latents(pipeline, conditioning, folder.resolve("again"), 2))
                    .isEqualTo(second);
            assertThat(latents(pipeline, conditioning, folder.resolve("3"), 3))
                    .hasSameSizeAs(second)
                    .isNotEqualTo(second);
            assertThatThrownBy(() -> latents(pipeline, conditioning, folder.resolve("4"), 4))
                    .hasMessageContaining("steps 1 to 3");
        }
    }

    private static float[] latents(
            WanPipeline pipeline, Conditioning conditioning, Path file, int step) {
        assertThat(
                        pipeline.generate(
                                conditioning,
                                1,
                                new LatentsFile(file, step),
                                GenerationListener.NONE,
                                frame -> {}))
                .isPresent();
        try (var written = SafetensorsFile.open(file);
                var scope = TensorScope.open()) {
            return Ops.floats(written.tensor("latents"));
        }
    }

    @Test
    void shouldCountStepsUntilTheExpertChanges() {
        try (var pipeline = pipeline(Precision.FP32);
                var conditioning =
                        pipeline.condition(
                                Fixtures.settings(32, 32, 1, 8, 1, "", "euler", 5, 0.9),
                                "a cat",
                                image())) {
            var video = pipeline.generate(conditioning, 1, GenerationListener.NONE).orElseThrow();
            assertThat(video.generation().facts()).containsEntry("switchStep", 3.0);
            assertThat(video.frames()).hasSize(1);
        }
    }
}
