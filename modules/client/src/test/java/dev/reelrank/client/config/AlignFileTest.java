package dev.reelrank.client.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.AlignConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AlignFileTest {
    @TempDir Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"smoke", "t4", "l4", "a100", "h200", "judge"})
    void shouldReadEveryPreset(String name) {
        assertThat(AlignFile.PRESETS).contains(name);
        assertThat(AlignFile.preset(name)).isNotEqualTo(AlignConfig.defaults());
    }

    @Test
    void shouldReadAFileOverTheDefaults() throws IOException {
        Path file =
                Files.writeString(
                        folder.resolve("my.yaml"),
                        "align:\n  rank: 4\n  loras: []\n  networks: [transformer_2]\n");
        var read = AlignFile.set("align.steps=7", AlignFile.read(file));
        assertThat(read.rank()).isEqualTo(4);
        assertThat(read.steps()).isEqualTo(7);
        assertThat(read.loras()).isEmpty();
        assertThat(read.networks()).containsExactly("transformer_2");
        assertThat(read.beta()).isEqualTo(2500);
    }

    @Test
    void shouldNameKeyAndRangeOfWhatCannotBe() {
        assertThatThrownBy(() -> AlignFile.set("align.rank=0", AlignConfig.defaults()))
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.INVALID_CONFIG))
                .hasMessageContaining("align.rank is 0; it must be between 1 and 1024");
        assertThatThrownBy(() -> AlignFile.set("align.learningRate=-1", AlignConfig.defaults()))
                .hasMessageContaining(
                        "align.learningRate is -1; it must be above 0 and at most 1000000");
        assertThatThrownBy(() -> AlignFile.set("align.betta=1", AlignConfig.defaults()))
                .hasMessageContaining("did you mean 'beta'?");
        assertThatThrownBy(() -> AlignFile.set("align.guards={grad: 0.1}", AlignConfig.defaults()))
                .hasMessageContaining("did you mean 'grade'?");
        assertThat(AlignFile.set("align.guards={grade: 0.1}", AlignConfig.defaults()).guards())
                .containsEntry("grade", 0.1);
        assertThatThrownBy(() -> AlignFile.preset("t5")).hasMessageContaining("t4");
    }
}
