package dev.reelrank.dqa;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCategory;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.GradeConfig;
import dev.reelrank.pipeline.config.TuneConfig;
import dev.reelrank.pipeline.stage.Stage;
import dev.reelrank.worker.models.FileFingerprints;
import dev.reelrank.worker.models.ModelFolders;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Loading says what is wrong with the models, before any video is looked at. */
final class LoadIT {
    @TempDir Path folder;

    @Test
    void shouldLoadWhatIsWhole() {
        assertThatCode(() -> load(TestbedStage.stage(folder.resolve("cache"))))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({"qwen, .safetensors", "dinov3, .onnx", "clip, .onnx"})
    void shouldFailToLoadWhenAModelOfALaterPhaseIsCutOff(String model, String ending)
            throws IOException {
        for (var name : new String[] {"qwen", "dinov3", "clip"}) {
            copy(TestbedStage.MODELS.resolve(name), folder.resolve("models").resolve(name));
        }
        cutOff(folder.resolve("models").resolve(model), ending);
        var models = ModelFolders.of(folder.resolve("models"));
        var fingerprints = new FileFingerprints(folder.resolve("cache"));

        assertBroken(new GradeStage(models, fingerprints, Device.CPU), model);
        if (!model.equals("qwen")) {
            assertBroken(new TuneStage(models, fingerprints), model);
        }
    }

    private static void assertBroken(Stage<?, ?> stage, String model) {
        assertThatThrownBy(() -> load(stage))
                .isInstanceOfSatisfying(
                        StageException.class,
                        e ->
                                org.assertj.core.api.Assertions.assertThat(e.code().category())
                                        .isEqualTo(FailureCategory.MODEL))
                .hasMessageContaining(model);
    }

    private static void load(Stage<?, ?> stage) {
        try (stage) {
            var config =
                    stage instanceof GradeStage ? GradeConfig.defaults() : TuneConfig.defaults();
            stage.load(stage.loadKey(config), Device.CPU);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (var file : files.toList()) {
                var target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }

    private static void cutOff(Path model, String ending) throws IOException {
        try (var files = Files.walk(model)) {
            for (var file : files.filter(f -> f.toString().endsWith(ending)).toList()) {
                try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                    channel.truncate(channel.size() / 2);
                }
            }
        }
    }
}
