package dev.reelrank.grading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reelrank.grading.gate.Decision;
import dev.reelrank.grading.gate.Defect;
import dev.reelrank.grading.gate.Verdict;
import dev.reelrank.pipeline.config.GradeConfig;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SynthesisTest {
    private static final Map<String, Double> WEIGHTS = GradeConfig.defaults().weights();

    private static final Verdict KEPT = new Verdict(Decision.KEEP, List.of());

    @Test
    void shouldNotCallAnAWhatIsRejectedOrGradedBlindly() {
        var good = findings(1, 1, 1, 1, 1);
        assertThat(Synthesis.of(good, WEIGHTS, KEPT).letter()).isEqualTo(Letter.A);
        var frozen = new Defect("frozen", null, null, Decision.REJECT, "nothing moves");
        var rejected = Synthesis.of(good, WEIGHTS, new Verdict(Decision.REJECT, List.of(frozen)));
        assertThat(rejected.letter()).isEqualTo(Letter.C);
        assertThat(rejected.score()).isEqualTo(1);
        assertThat(rejected.reasoning())
                .contains("Grade C at 1.00 (the score alone would be A)")
                .contains("Decision: reject, because nothing moves.");
        good.put(EvidenceKind.SEMANTIC, Finding.missing("{}"));
        assertThat(Synthesis.of(good, WEIGHTS, KEPT).letter()).isEqualTo(Letter.B);
    }

    @Test
    void shouldWeighEveryKindOfEvidence() {
        var s = Synthesis.of(findings(0.8, 0.6, 0.5, 0.4, 1.0), WEIGHTS, KEPT);
        // 0.25·0.8 + 0.15·0.6 + 0.20·0.5 + 0.25·0.4 + 0.15·1.0
        assertThat(s.score()).isCloseTo(0.64, within(1e-12));
        assertThat(s.letter()).isEqualTo(Letter.B);
        assertThat(s.partial()).isFalse();
        assertThat(s.evidence().keySet())
                .containsExactly("semantic", "spatial", "benchmark", "preference", "visionReward");
        assertThat(s.reasoning()).contains("visionReward (1.00)").contains("preference (0.40)");
    }

    @Test
    void shouldScaleTheOtherWeightsUpWhenEvidenceIsMissing() {
        var findings = findings(0.8, 0.6, 0.5, 0.4, 1.0);
        findings.put(EvidenceKind.SPATIAL, Finding.missing("{}"));
        var s = Synthesis.of(findings, WEIGHTS, KEPT);
        assertThat(s.score()).isCloseTo((0.64 - 0.15 * 0.6) / 0.85, within(1e-12));
        assertThat(s.partial()).isTrue();
        assertThat(s.evidence().get("spatial").score()).isNull();
        assertThat(s.evidence().get("spatial").used()).isFalse();
        assertThat(s.reasoning()).contains("Not computed: spatial");
    }

    @Test
    void shouldNotCallAGradePartialBeforeThereIsAPreferenceModel() {
        var findings = findings(0.8, 0.8, 0.8, 0.5, 0.8);
        findings.put(EvidenceKind.PREFERENCE, Finding.unused(0.5, "{}"));
        var s = Synthesis.of(findings, WEIGHTS, KEPT);
        assertThat(s.score()).isCloseTo(0.8, within(1e-12));
        assertThat(s.partial()).isFalse();
    }

    @Test
    void shouldGiveNoGradeWhenNothingCouldBeComputed() {
        var s = Synthesis.of(Map.of(), WEIGHTS, KEPT);
        assertThat(s.score()).isNull();
        assertThat(s.letter()).isNull();
        assertThat(s.partial()).isTrue();
        assertThat(s.evidence()).hasSize(5);
    }

    @ParameterizedTest
    @CsvSource({
        "1,A",
        "0.9,A",
        "0.8999,A-",
        "0.8,A-",
        "0.7,B+",
        "0.6,B",
        "0.5,B-",
        "0.4,C",
        "0.3999,F",
        "0,F"
    })
    void shouldBeginEachLetterAtItsThreshold(double score, String letter) {
        assertThat(Letter.of(score).text()).isEqualTo(letter);
    }

    @Property
    void shouldStayBetweenTheWeakestAndTheStrongestEvidence(
            @ForAll @DoubleRange(min = 0, max = 1) double a,
            @ForAll @DoubleRange(min = 0, max = 1) double b,
            @ForAll @DoubleRange(min = 0, max = 1) double c) {
        Double score = Synthesis.of(findings(a, b, c, a, b), WEIGHTS, KEPT).score();
        assertThat(score)
                .isBetween(
                        Math.min(a, Math.min(b, c)) - 1e-12, Math.max(a, Math.max(b, c)) + 1e-12);
    }

    @Test
    void shouldKnowAWeightForEveryKindOfEvidence() {
        assertThat(GradeConfig.EVIDENCE)
                .isEqualTo(Arrays.stream(EvidenceKind.values()).map(EvidenceKind::id).toList());
    }

    private static EnumMap<EvidenceKind, Finding> findings(double... scores) {
        var map = new EnumMap<EvidenceKind, Finding>(EvidenceKind.class);
        for (var kind : EvidenceKind.values()) {
            map.put(kind, Finding.of(scores[kind.ordinal()], "{}"));
        }
        return map;
    }
}
