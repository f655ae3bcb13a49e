package dev.reelrank.client.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.AlignConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AlignFileTest {
    @TempDir Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"smoke", "rankings", "video-dpo", "t4", "l4", "a100", "h200", "judge"})
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
    void shouldSayHowTheWinnersAloneAreLearnedInTheLosersNoise() {
        var said =
                AlignFile.set(
                        List.of(
                                "align.scheduleSteps=[3]",
                                "align.beta=0",
                                "align.ownNoise=0.5",
                                "align.timesteps=schedule",
                                "align.supervised=1"),
                        AlignConfig.defaults());
        assertThat(said.beta()).isZero();
        assertThat(said.scheduleSteps()).containsExactly(3);
        assertThat(said.ownNoiseShare()).isEqualTo(0.5);
        assertThat(said.copiedReference()).isFalse();
        var default1 = AlignConfig.defaults();
        assertThat(AlignFile.set(List.of("align.ownNoise=0", "align.reference=off"), default1))
                .as("the defaults, said aloud")
                .isEqualTo(default1);
        assertThat(AlignFile.set("align.reference=copy", default1).copiedReference()).isTrue();
        assertThat(AlignFile.set("align.reference=copy", default1).ownNoiseShare()).isZero();
    }

    @Test
    void shouldTakeTheLastOfTwoSettingsOfAKey() {
        var said =
                AlignFile.set(
                        List.of("align.beta=0", "align.supervised=1", "align.beta=5"),
                        AlignConfig.defaults());
        assertThat(said.beta()).isEqualTo(5);
    }

    @Test
    void shouldRefuseKeysThatDoNotFitEachOther() {
        var base = AlignConfig.defaults();
        assertThatThrownBy(() -> AlignFile.set(List.of("align.rank=4", "align.beta=0"), base))
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.INVALID_CONFIG))
                .hasMessageContaining("--set align.beta=0")
                .hasMessageContaining("or 0 with align.supervised above 0");
        assertThatThrownBy(() -> AlignFile.set("align.scheduleSteps=[3]", base))
                .hasMessageContaining("align.timesteps must be schedule");
        assertThatThrownBy(() -> AlignFile.set("align.ownNoise=1.5", base))
                .hasMessageContaining("align.ownNoise is 1.5; it must be between 0 and 1");
        assertThatThrownBy(() -> AlignFile.set("align.reference=parent", base))
                .hasMessageContaining("one of off, copy");
        var winners = List.of("align.supervised=1", "align.beta=0", "align.reference=copy");
        assertThatThrownBy(() -> AlignFile.set(winners, base))
                .hasMessageContaining("nothing is compared with a reference");
        var judge = List.of("align.supervised=1", "align.beta=0", "align.model=qwen");
        assertThatThrownBy(() -> AlignFile.set(judge, base))
                .hasMessageContaining("above 0 for the model that judges");
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
        assertThat(AlignFile.set("align.target=grade", AlignConfig.defaults()).judged())
                .containsExactly("grade");
        assertThatThrownBy(() -> AlignFile.preset("t5")).hasMessageContaining("t4");
    }
}
