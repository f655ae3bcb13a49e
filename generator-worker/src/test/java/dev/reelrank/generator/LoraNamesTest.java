package dev.reelrank.generator;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.CandidateConfig;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LoraNamesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/etc/passwd",
                "../secret",
                "a/../../b",
                "a//b",
                "/",
                "~/x",
                "C:\\x",
                "a b",
                "file:/x"
            })
    void shouldNotTellASubmitterWhetherAPathOfTheWorkerExists(String name) {
        assertThatThrownBy(() -> LoraNames.require(with(name)))
                .isInstanceOfSatisfying(
                        StageException.class,
                        e ->
                                org.assertj.core.api.Assertions.assertThat(e.code())
                                        .isEqualTo(FailureCode.INVALID_SAMPLE))
                .hasMessageContaining(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"lightning", "wan2.2-lightning", "styles/ink_v2.safetensors"})
    void shouldTakeNamesBelowTheFolderOfModels(String name) {
        assertThatCode(() -> LoraNames.require(with(name))).doesNotThrowAnyException();
    }

    @Test
    void shouldReadANameOfAnyLength() {
        assertThatCode(() -> LoraNames.require(with("a/".repeat(100_000) + "a")))
                .doesNotThrowAnyException();
    }

    private static CandidateConfig with(String name) {
        return CandidateConfig.defaults().withLoras(List.of(new CandidateConfig.Lora(name, 1)));
    }
}
