package dev.reelrank.generators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.FailureCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GeneratorFamiliesTest {
    private final GeneratorFamilies families = GeneratorFamilies.all();

    @TempDir Path folder;

    @Test
    void shouldOpenAFolderWithTheFamilyThatItsIndexNames() {
        var model = families.open(Path.of("../wan/src/test/resources/wan/i2v"));
        assertThat(model.family()).isEqualTo("wan");
        assertThat(model).isEqualTo(families.open(model.folder()));
    }

    @Test
    void shouldTellAWanWhoseFirstFrameCanBeGivenFromTheOthers() throws IOException {
        Path resources = Path.of("../wan/src/test/resources/wan");
        for (String file :
                List.of(
                        "ti2v/model_index.json",
                        "ti2v/transformer/config.json",
                        "ti2v/vae/config.json",
                        "i2v/text_encoder/config.json")) {
            Path target = folder.resolve(file.substring(file.indexOf('/') + 1));
            Files.createDirectories(target.getParent());
            Files.copy(resources.resolve(file), target);
        }
        assertThat(families.open(folder).family()).isEqualTo("wan-ti2v");
    }

    @Test
    void shouldOpenStableDiffusionWithAMotionAdapterAsAnimateDiff() {
        var model = families.open(Path.of("../animatediff/src/test/resources/animatediff/sd"));
        assertThat(model.family()).isEqualTo("animatediff");
        assertThat(model.defaults().frames()).isEqualTo(16);
        assertThat(model.options().frames()).hasToString("1 to 24");
    }

    @Test
    void shouldSayWhatItFoundAndWhatItKnows() throws IOException {
        Files.writeString(
                folder.resolve("model_index.json"), "{\"_class_name\": \"LuminaPipeline\"}");
        assertThatThrownBy(() -> families.open(folder))
                .hasMessageContaining("LuminaPipeline")
                .hasMessageContaining("Wan2.2-A14B")
                .extracting("code")
                .isEqualTo(FailureCode.MODEL_MISMATCH);
        Files.delete(folder.resolve("model_index.json"));
        assertThatThrownBy(() -> families.open(folder)).hasMessageContaining("no model_index.json");
        assertThatThrownBy(() -> families.open(folder.resolve("none")))
                .extracting("code")
                .isEqualTo(FailureCode.MODEL_MISSING);
    }
}
