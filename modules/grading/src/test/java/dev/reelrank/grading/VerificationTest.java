package dev.reelrank.grading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reelrank.pipeline.config.GradeConfig;
import dev.reelrank.pipeline.stage.GradeResult.Evidence;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class VerificationTest {
    private static final Map<String, Double> WEIGHTS = GradeConfig.defaults().weights();

    @Test
    void shouldWeighOnlyWhatThePromptPromises() {
        var v =
                Verification.of(
                        Map.of(
                                "semantic", used(0.8),
                                "spatial", used(0.6),
                                "benchmark", used(0.5),
                                "preference", used(0),
                                "visionReward", used(0)),
                        WEIGHTS);
        // (0.25·0.8 + 0.15·0.6 + 0.20·0.5) / 0.60
        assertThat(v.promptAdherence()).isCloseTo(0.65, within(1e-12));
        assertThat(v.reasoning()).contains("0.65").contains("semantic (0.80)");
    }

    @Test
    void shouldSayWhatIsMissing() {
        var v =
                Verification.of(
                        Map.of(
                                "semantic",
                                used(0.8),
                                "spatial",
                                new Evidence(null, 0.15, false, "{}")),
                        WEIGHTS);
        assertThat(v.promptAdherence()).isCloseTo(0.8, within(1e-12));
        assertThat(v.spatial()).isNull();
        assertThat(v.benchmark()).isNull();
        assertThat(v.reasoning()).contains("Not computed: spatial, benchmark");
        assertThat(Verification.of(Map.of(), WEIGHTS).promptAdherence()).isNull();
    }

    private static Evidence used(double score) {
        return new Evidence(score, 0.2, true, "{}");
    }
}
