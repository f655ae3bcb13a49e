package dev.reelrank.wan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.diffusion.GenerationListener;
import dev.reelrank.diffusion.GenerationSettings;
import dev.reelrank.diffusion.LoadSettings;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.offload.Offload;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.TorchDevice;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The second expert goes on loading while the first one works. */
final class LateExpertIT {
    private static final GenerationSettings SETTINGS =
            Fixtures.settings(32, 32, 5, 4, 1, "", "euler", 5, 0.9);

    @TempDir Path folder;

    private final TorchDevice cpu = TorchDevice.cpu();

    private WanPipeline load(boolean early) {
        return WanPipeline.load(
                WanSnapshot.open(folder),
                new LoadSettings(Precision.FP32, Offload.NONE, List.of(), null),
                cpu,
                early);
    }

    private static List<RgbImage> video(WanPipeline pipeline) {
        try (var expected = Fixtures.expected();
                var conditioning =
                        pipeline.condition(
                                SETTINGS, "a cat", Fixtures.image(expected, "image.source"))) {
            return pipeline.generate(conditioning, 3, GenerationListener.NONE)
                    .orElseThrow()
                    .frames();
        }
    }

    @Test
    void shouldGiveTheSameVideoAsWhenAllIsLoadedBefore() {
        Fixtures.copy(Fixtures.I2V, folder);
        List<RgbImage> wanted;
        try (var whole = load(false)) {
            wanted = video(whole);
        }
        try (var early = load(true)) {
            var made = video(early);
            assertThat(early.failedToLoad()).isFalse();
            assertThat(made).hasSameSizeAs(wanted);
            for (int i = 0; i < made.size(); i++) {
                assertThat(made.get(i).rgb()).isEqualTo(wanted.get(i).rgb());
            }
        }
    }

    @Test
    void anExpertThatCannotBeLoadedShouldFailTheCandidateWithItsOwnCode() throws Exception {
        Fixtures.copy(Fixtures.I2V, folder);
        Path weights = folder.resolve("transformer_2/diffusion_pytorch_model.safetensors");
        try (var file = new RandomAccessFile(weights.toFile(), "rw")) {
            file.setLength(file.length() - 100);
        }
        try (var early = load(true)) {
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> video(early))
                        .isInstanceOf(StageException.class)
                        .hasMessageContaining("transformer_2")
                        .extracting("code")
                        .isEqualTo(FailureCode.MODEL_MISMATCH);
            }
            assertThat(early.failedToLoad()).isTrue();
        }
    }

    @Test
    void closingShouldWaitForWhatIsStillLoading() {
        Fixtures.copy(Fixtures.I2V, folder);
        for (int i = 0; i < 10; i++) {
            load(true).close();
        }
        assertThat(
                        Thread.getAllStackTraces().keySet().stream()
                                .filter(t -> t.getName().equals("expert-loader") && t.isAlive()))
                .isEmpty();
    }
}
