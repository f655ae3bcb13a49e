package dev.reelrank.dqa;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.grading.gate.Decision;
import dev.reelrank.grading.gate.Gate;
import dev.reelrank.grading.gate.Limit;
import dev.reelrank.pipeline.stage.Fingerprint;
import dev.reelrank.pipeline.stage.GradeResult.Evidence;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class RecordedSignalsTest {
    private static final String SEMANTIC =
            "{\"questions\":[{\"kind\":\"object\",\"good\":\"yes\",\"yes\":0.9},{\"kind\":\"object\",\"good\":\"no\",\"yes\":0.7}]}";
    private static final String SPATIAL =
            "{\"objects\":[{\"present\":1.0}],\"movements\":[{\"promised\":\"left\",\"kept\":0.5}]}";

    @Test
    void shouldReadTheWorstOfEachKind() {
        var signals = RecordedSignals.of(evidence("{\"reported\":{\"frames\":17}}"));
        assertThat(signals.measures())
                .containsEntry("semantic.object", 0.30000000000000004)
                .containsEntry("spatial.moved", 0.5);
        assertThat(signals.defects()).isEmpty();
    }

    @Test
    void shouldRejectABlackVideo() {
        var signals =
                RecordedSignals.of(evidence("{\"reported\":{\"frames\":17,\"contrast\":0.0}}"));
        assertThat(Map.of("blank", Decision.REJECT))
                .containsEntry(
                        signals.defects().get(0).measure(), signals.defects().get(0).decision());
    }

    @Test
    void shouldRejectOneStillFrameWherePromptAsksForMovement() {
        var signals = RecordedSignals.of(evidence("{\"reported\":{\"frames\":1}}"));
        assertThat(signals.defects().get(0).decision()).isEqualTo(Decision.REJECT);
        assertThat(signals.defects().get(0).measure()).isEqualTo("frozen");
    }

    @Test
    void shouldAtMostReviewWithoutSemanticOrSpatialEvidence() {
        var evidence = evidence("{\"reported\":{\"frames\":17}}");
        evidence.put("spatial", new Evidence(null, 0.15, false, "{\"missing\":\"no object\"}"));
        var verdict = new Gate(Map.of()).judge(RecordedSignals.of(evidence));
        assertThat(verdict.decision()).isEqualTo(Decision.REVIEW);
        assertThat(verdict.because()).contains("spatial evidence is missing");
    }

    @Test
    void shouldNotJudgeWithTheLimitsOfOtherModels() {
        var gate = new Gate(Map.of("spatial.moved", new Limit(Limit.HIGHER, 0.9, 0.8)));
        var models = Fingerprint.of(Map.of("clip", "1"));
        var signals = RecordedSignals.of(evidence("{\"reported\":{\"frames\":17}}"));
        var own = GateFile.judge(new GateFile(models.sha256(), "", gate), models, signals);
        assertThat(own.decision()).isEqualTo(Decision.REJECT);
        assertThat(own.because()).isEqualTo("spatial.moved is 0.50; the least allowed is 0.80");
        var other = GateFile.judge(new GateFile("0", "", gate), models, signals);
        assertThat(other.decision()).isEqualTo(Decision.REVIEW);
        assertThat(other.because()).contains("belong to other models");
        assertThat(GateFile.judge(null, models, signals).because()).contains("has no limits");
    }

    private static Map<String, Evidence> evidence(String benchmark) {
        var all = new HashMap<String, Evidence>();
        all.put("semantic", new Evidence(0.6, 0.25, true, SEMANTIC));
        all.put("spatial", new Evidence(0.6, 0.15, true, SPATIAL));
        all.put("benchmark", new Evidence(0.6, 0.2, true, benchmark));
        return all;
    }
}
