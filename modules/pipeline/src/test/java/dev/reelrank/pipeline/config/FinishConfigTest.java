package dev.reelrank.pipeline.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class FinishConfigTest {
    @Test
    void shouldLeaveWinnersAsTheyAreUnlessAsked() {
        assertThat(FinishConfig.defaults().upscale()).isNull();
        assertThat(new FinishConfig("none", "fp32", 256, 32)).isEqualTo(FinishConfig.defaults());
    }

    /** A client of another machine writes it, and the name becomes part of a path. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "..",
                "../x",
                "/etc/passwd",
                "a/b",
                "a\\b",
                "C:x",
                "-x",
                "a\nb",
                "ä"
            })
    void shouldTakeNamesOnly(String name) {
        assertThatThrownBy(() -> new FinishConfig(name, "fp32", 256, 32))
                .hasMessageContaining("finish.upscale is '" + name + "'")
                .hasMessageContaining("RealESRGAN_x4plus");
    }

    @ParameterizedTest
    @CsvSource({
        "fp8, 256, 32, finish.precision",
        "FP16, 256, 32, finish.precision",
        "fp16, 15, 32, finish.tile",
        "fp16, 17, 32, finish.tile",
        "fp16, 4098, 32, finish.tile",
        "bf16, 256, -2, finish.overlap",
        "bf16, 256, 33, finish.overlap",
        "bf16, 256, 514, finish.overlap"
    })
    void shouldNameWhatIsOutsideItsRange(String precision, int tile, int overlap, String key) {
        assertThatThrownBy(() -> new FinishConfig("x4", precision, tile, overlap))
                .hasMessageStartingWith(key + " is ");
    }
}
