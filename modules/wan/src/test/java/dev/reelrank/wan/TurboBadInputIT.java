package dev.reelrank.wan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.diffusion.Precision;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.Noise;
import dev.reelrank.torch.TorchDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong with TurboWan's files, and what is asked of them that they cannot do. */
final class TurboBadInputIT {
    @TempDir Path folder;

    private final TorchDevice cpu = TorchDevice.cpu();

    @Test
    void shouldRefuseWhatTheDistilledModelCannotDo() {
        var snapshot = WanSnapshot.open(TurboFiles.imageToVideo(folder));
        refused(
                () ->
                        snapshot.settings(
                                TurboFiles.config(null, null, Map.of("sparseTopk", 0.0)), null),
                "sparseTopk",
                "0.01");
        refused(
                () -> snapshot.settings(TurboFiles.config(8, null, Map.of()), null),
                "candidate.steps is 8",
                "1 to 4");
        refused(() -> snapshot.train(null, cpu), "distilled", "undo");
        refused(
                () ->
                        snapshot.settings(
                                TurboFiles.config(null, null, Map.of("sparseKernel", 1.5)), null),
                "sparseKernel",
                "a whole number from 0 to 2");
    }

    /** The preset turbo-4step names the scheduler, and not the folder. */
    @ParameterizedTest
    @ValueSource(strings = {"rcm", "rcm-ode"})
    void shouldSayWhichWeightsTheSamplerOfFewStepsIsFor(String scheduler) {
        var ordinary = WanSnapshot.open(Fixtures.I2V);
        refused(
                () -> ordinary.settings(TurboFiles.config(null, scheduler, Map.of()), null),
                "candidate.scheduler is '" + scheduler + "'",
                "TurboWan",
                "candidate.model",
                "euler or unipc");
    }

    private static void refused(ThrowingCallable call, String... words) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.INVALID_CONFIG))
                .hasMessageContainingAll(words);
    }

    @Test
    void shouldRefuseScalesOfAnotherLayoutBeforeItLoads() {
        Path model = TurboFiles.imageToVideo(folder);
        Path file = TurboFiles.expert(model, "TurboWan2.2-I2V-A14B-high-720P-quant");
        Fixtures.rewrite(
                file,
                tensors -> tensors.put("blocks.1.ffn.0.scale", Noise.normal(1, TurboFiles.FFN, 1)));
        assertThatThrownBy(() -> WanSnapshot.open(model).files())
                .hasMessageContaining("blocks.1.ffn.0.scale")
                .hasMessageContaining("128 x 128")
                .hasMessageContaining("[2, 1]");
        Fixtures.rewrite(file, tensors -> tensors.remove("blocks.1.ffn.0.scale"));
        assertThatThrownBy(() -> WanSnapshot.open(model).files()).hasMessageContaining("missing");
    }

    @Test
    void shouldSayWhichExpertIsMissing() throws Exception {
        Path model = TurboFiles.imageToVideo(folder);
        Files.delete(TurboFiles.expert(model, "TurboWan2.2-I2V-A14B-low-720P-quant"));
        assertThatThrownBy(() -> WanSnapshot.open(model))
                .hasMessageContaining("high-720P")
                .hasMessageContaining("no file for the low-noise expert");
    }

    @Test
    void shouldSayHowToConvertTheFilesAsTheyArePublished() throws Exception {
        Path model = TurboFiles.imageToVideo(folder);
        for (String word : List.of("high", "low")) {
            String name = "TurboWan2.2-I2V-A14B-" + word + "-720P-quant";
            Files.move(
                    TurboFiles.expert(model, name),
                    model.resolve("diffusion_models").resolve(name + ".pth"));
        }
        assertThat(new WanFamily().recognises(model)).isTrue();
        assertThatThrownBy(() -> WanSnapshot.open(model))
                .hasMessageContaining("TurboWan2.2-I2V-A14B-high-720P-quant.pth")
                .hasMessageContaining("reelrank models convert");
    }

    @Test
    void shouldRefuseAMatrixThatIsThereTwice() {
        Path model = TurboFiles.imageToVideo(folder);
        Fixtures.rewrite(
                TurboFiles.expert(model, "TurboWan2.2-I2V-A14B-low-720P-quant"),
                tensors ->
                        tensors.put(
                                "blocks.0.ffn.0.weight",
                                Noise.normal(1, TurboFiles.FFN, TurboFiles.DIM)));
        assertThatThrownBy(() -> WanSnapshot.open(model).files())
                .hasMessageContainingAll("low-720P", "blocks.0.ffn.0", "twice");
    }

    @Test
    void shouldNameTheTensorThatIsMissing() {
        Path model = TurboFiles.imageToVideo(folder);
        String name = "blocks.1.self_attn.attn_op.local_attn.proj_l.weight";
        Fixtures.rewrite(
                TurboFiles.expert(model, "TurboWan2.2-I2V-A14B-high-720P-quant"),
                tensors -> tensors.remove(name));
        var snapshot = WanSnapshot.open(model);
        var settings = snapshot.loadSettings(Precision.FP32, "none", List.of(), cpu);
        assertThatThrownBy(() -> snapshot.load(settings, cpu).close())
                .hasMessageContainingAll("proj_l.weight' is missing", "high-720P");
    }

    @Test
    void shouldSayInWhatTwoExpertsDiffer() {
        Path model = TurboFiles.imageToVideo(folder);
        Fixtures.rewrite(
                TurboFiles.expert(model, "TurboWan2.2-I2V-A14B-low-720P-quant"),
                tensors -> tensors.keySet().removeIf(name -> name.contains("proj_l")));
        assertThatThrownBy(() -> WanSnapshot.open(model))
                .hasMessageContainingAll(
                        "different models",
                        "SPARSE_LINEAR for high noise and FEW_STEPS for low noise");
    }
}
