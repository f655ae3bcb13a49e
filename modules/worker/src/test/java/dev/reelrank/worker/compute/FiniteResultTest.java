package dev.reelrank.worker.compute;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.pipeline.stage.GradeResult;
import dev.reelrank.pipeline.stage.GradeResult.Evidence;
import dev.reelrank.pipeline.stage.TuneResult;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FiniteResultTest {
    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void shouldNameWhereAScoreThatIsNotFiniteStands(double bad) {
        assertThat(FiniteResult.fault(grade(bad)))
                .isEqualTo("GradeResult.evidence.semantic.score is " + bad);
        assertThat(
                        FiniteResult.fault(
                                new TuneResult(
                                        1, 0, true, null, 0, 0, List.of(1.0, bad), Map.of(), 0, 1)))
                .isEqualTo("TuneResult.lossTrend[1] is " + bad);
    }

    @Test
    void shouldTakeWhatIsFiniteOrNotThere() {
        assertThat(FiniteResult.fault(grade(0.5))).isNull();
        assertThat(
                        FiniteResult.fault(
                                new GradeResult(null, null, true, Map.of(), "", 0, List.of())))
                .isNull();
    }

    private static GradeResult grade(double score) {
        return new GradeResult(
                "A",
                0.9,
                false,
                Map.of("semantic", new Evidence(score, 0.25, true, "{}")),
                "",
                0,
                List.of());
    }
}
