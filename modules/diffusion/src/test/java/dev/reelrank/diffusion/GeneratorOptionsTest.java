package dev.reelrank.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.CandidateConfig;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class GeneratorOptionsTest {
    private final GeneratorOptions options =
            new GeneratorOptions(
                    "models/wan",
                    FrameRule.causal(4, 1025),
                    16,
                    List.of("euler", "unipc"),
                    List.of(Precision.FP32, Precision.BF16),
                    Map.of(
                            "shift", new ParameterRange(0.01, 100, "of the noise levels"),
                            "guidanceLow", new ParameterRange(0, 30, "of the second expert"),
                            "kernel", ParameterRange.whole(0, 2, "which one computes")),
                    ImageInput.REQUIRED);

    private static CandidateConfig config(
            int side,
            int frames,
            @Nullable String scheduler,
            @Nullable Double boundary,
            Map<String, Double> parameters,
            String precision) {
        return new CandidateConfig(
                null,
                List.of(1L),
                8,
                side,
                side,
                "area",
                frames,
                16.0,
                1.0,
                "",
                scheduler,
                5.0,
                boundary,
                parameters,
                null,
                precision,
                "auto",
                "h264",
                18);
    }

    private void assertRefused(CandidateConfig config, String... words) {
        assertThatThrownBy(() -> options.check(config))
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.INVALID_CONFIG))
                .hasMessageContainingAll(words);
    }

    @Test
    void shouldTakeWhatTheModelCanDo() {
        var all = config(512, 81, "unipc", null, Map.of("guidanceLow", 3.0), "bf16");
        assertThatCode(() -> options.check(all)).doesNotThrowAnyException();
        assertThatCode(() -> options.check(CandidateConfig.defaults())).doesNotThrowAnyException();
    }

    @Test
    void shouldNameKeyValueModelAndRuleOfWhatItCannotDo() {
        assertRefused(
                config(512, 50, "euler", null, Map.of(), "auto"),
                "candidate.frames",
                "'50'",
                "models/wan",
                "4k+1",
                "17 or 81");
        assertRefused(
                config(520, 81, "euler", null, Map.of(), "auto"),
                "candidate.size",
                "520x520",
                "multiple of 16");
        assertRefused(
                config(512, 81, "ddim", null, Map.of(), "auto"),
                "candidate.scheduler",
                "'ddim'",
                "euler or unipc");
        assertRefused(
                config(512, 81, "euler", null, Map.of(), "fp8"), "candidate.precision", "fp32");
        assertRefused(
                config(512, 81, "euler", null, Map.of("guidanceLow", 31.0), "auto"),
                "candidate.parameters.guidanceLow",
                "between 0.0 and 30.0");
        for (double none : List.of(1.5, -1.0, 3.0, Double.NaN)) {
            assertRefused(
                    config(512, 81, "euler", null, Map.of("kernel", none), "auto"),
                    "candidate.parameters.kernel",
                    "'" + none + "'",
                    "a whole number from 0 to 2");
        }
    }

    @Test
    void shouldRefuseAParameterThatTheModelDoesNotHave() {
        assertRefused(
                config(512, 81, "euler", 0.9, Map.of(), "auto"),
                "candidate.boundary",
                "no such parameter",
                "guidanceLow, kernel, shift");
        assertRefused(
                config(512, 81, "euler", null, Map.of("clipSkip", 1.0), "auto"),
                "candidate.parameters.clipSkip",
                "no such parameter");
    }

    @Test
    void shouldSayWhetherItWantsAnImage() {
        assertThatThrownBy(() -> options.checkImage(false))
                .hasMessageContaining("give it an image");
        assertThatCode(() -> options.checkImage(true)).doesNotThrowAnyException();
    }

    @Test
    void shouldCountFramesAsEachFamilyDoes() {
        var cogvideo = FrameRule.causal(8, 81);
        assertThat(cogvideo.allows(49)).isTrue();
        assertThat(cogvideo.allows(50)).isFalse();
        assertThat(cogvideo.allows(89)).isFalse();
        assertThat(cogvideo).hasToString("8k+1 up to 81, for example 33 or 81");
        var animatediff = new FrameRule(1, 1, 32);
        assertThat(animatediff.allows(16)).isTrue();
        assertThat(animatediff.allows(33)).isFalse();
        assertThat(animatediff).hasToString("1 to 32");
    }
}
