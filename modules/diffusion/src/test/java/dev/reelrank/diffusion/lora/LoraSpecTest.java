package dev.reelrank.diffusion.lora;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LoraSpecTest {
    @ParameterizedTest
    @CsvSource({
        "high_noise_model, high",
        "low_noise_model, low",
        "wan2.2_i2v_A14b_high_noise_lora_rank64_lightx2v_4step_1022, high",
        "Wan2.2-HighNoise-style, high",
        "wan22_lownoise, low",
        "style_HIGH, high",
        "style-low-v2-e20, low",
        "myLow, low",
        "high, high",
        "wan_high_lora_v1, high",
        "slow_motion, ",
        "highres_fix, ",
        "slow_zoom, ",
        "glow, ",
        "glow_high, high",
        "low_angle_shot, ",
        "low_poly, ",
        "high_and_low, ",
        "style_high_low, ",
        "both-High-Low-v2, ",
        "low_angle_shot_high, high",
        "wan_low_to_high_noise, ",
        "high_noise_low_noise, ",
        "adapter_model, "
    })
    void shouldReadAPartOffAFilesNameOnlyWhereItSaysOne(String name, String part) {
        assertThat(LoraSpec.namedPart(Path.of(name + ".safetensors"), List.of("high", "low")))
                .isEqualTo(java.util.Optional.ofNullable(part));
    }
}
