package dev.reelrank.alignment.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.StageException;
import dev.reelrank.statistics.Bootstrap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class GateTest {
    private static final String ERROR = ClipMetrics.WARPING_ERROR;
    private static final String MOTION = ClipMetrics.MOTION;

    /** Each sample's figures of the base, then of the adapter. */
    private static List<ComparedClip> samples(
            int count, int clipsEach, Map<String, Double> base, Map<String, Double> adapter) {
        var clips = new ArrayList<ComparedClip>();
        for (int i = 0; i < count * clipsEach; i++) {
            clips.add(new ComparedClip("s" + i / clipsEach, i % clipsEach, base, adapter));
        }
        return clips;
    }

    @Test
    void shouldNotAcceptOnFewSamplesHoweverClearTheGainAndManyTheClips() {
        var base = Map.of(ERROR, 100.0, MOTION, 2.0);
        var steadier = Map.of(ERROR, 10.0, MOTION, 2.0);
        var five = judge(Gate.steadiness(), samples(5, 8, base, steadier));
        assertThat(five.accepted()).isFalse();
        assertThat(five.reasons())
                .containsExactly(
                        "5 held-out samples cannot show that an adapter is better; at least 6 must"
                                + " be compared: add pairs of other samples, or raise align.heldOut"
                                + " and align.compareSamples.");
        assertThat(judge(Gate.steadiness(), samples(1, 8, base, steadier)).reason())
                .startsWith("1 held-out sample cannot");
        assertThat(judge(Gate.steadiness(), samples(6, 1, base, steadier)).accepted()).isTrue();
    }

    @Test
    void shouldCountTheSamplesInWhichTheTargetWasMeasured() {
        var clips =
                new ArrayList<>(
                        samples(
                                5,
                                2,
                                Map.of(ERROR, 100.0, MOTION, 2.0),
                                Map.of(ERROR, 10.0, MOTION, 2.0)));
        clips.add(
                new ComparedClip(
                        "broken",
                        1,
                        Map.of(ERROR, Double.NaN, MOTION, 2.0),
                        Map.of(ERROR, 10.0, MOTION, 2.0)));
        assertThat(judge(Gate.steadiness(), clips).reason()).startsWith("5 held-out samples");
    }

    /** Ten samples; each adapter figure is the base's times a factor, plus a ripple. */
    private static List<ComparedClip> clips(double error, double motion, double ripple) {
        var clips = new ArrayList<ComparedClip>();
        for (int i = 0; i < 10; i++) {
            double sign = i % 2 == 0 ? 1 : -1;
            clips.add(
                    new ComparedClip(
                            "s" + i,
                            1,
                            Map.of(ERROR, 100.0 + i, MOTION, 2.0),
                            Map.of(
                                    ERROR,
                                    (100.0 + i) * error + sign * ripple,
                                    MOTION,
                                    2.0 * motion)));
        }
        return clips;
    }

    private static Verdict judge(Gate gate, List<ComparedClip> clips) {
        return gate.judge(Comparison.of(clips, Bootstrap.DEFAULT));
    }

    @Test
    void shouldAcceptWhatIsSteadierAndMovesAsMuch() {
        var verdict = judge(Gate.steadiness(), clips(0.7, 0.97, 1));
        assertThat(verdict.accepted()).isTrue();
        assertThat(verdict.state()).isEqualTo("accepted");
        assertThat(verdict.reason())
                .startsWith("warping_error changed from 104.5 to 73.15")
                .contains("on 10 samples");
    }

    @Test
    void shouldRejectAStillVideoAlthoughItIsTheSteadiest() {
        var verdict = judge(Gate.steadiness(), clips(0, 0, 0));
        assertThat(verdict.accepted()).isFalse();
        assertThat(verdict.reasons())
                .containsExactly(
                        "motion fell from 2.000 to 0.000, by 100.0 %; at most 5.0 % is allowed.");
    }

    @Test
    void shouldRejectAGainThatIsNotClearOfZero() {
        var verdict = judge(Gate.steadiness(), clips(0.999, 1, 20));
        assertThat(verdict.accepted()).isFalse();
        assertThat(verdict.reason()).endsWith("which is not clear of zero.");
    }

    @Test
    void shouldRejectWhatGotWorseAndSaySo() {
        var verdict = judge(Gate.steadiness(), clips(1.2, 0.5, 1));
        assertThat(verdict.reasons()).hasSize(2);
        assertThat(verdict.reason()).contains("motion fell").endsWith("which is worse.");
    }

    @Test
    void shouldAllowALossUpToTheTolerance() {
        assertThat(judge(Gate.steadiness(), clips(0.7, 0.9501, 1)).accepted()).isTrue();
        assertThat(judge(Gate.steadiness(), clips(0.7, 0.9499, 1)).accepted()).isFalse();
    }

    @Test
    void shouldGuardAMetricThatMustNotRise() {
        var gate = new Gate(MOTION, true, List.of(new Guard(ERROR, false, 5, false)));
        assertThat(judge(gate, clips(1.04, 1.2, 0)).accepted()).isTrue();
        assertThat(judge(gate, clips(1.06, 1.2, 0)).reason())
                .isEqualTo(
                        "warping_error rose from 104.5 to 110.8, by 6.270; at most 5.000 is"
                                + " allowed.");
    }

    @Test
    void shouldLookAtRiseFromNothing() {
        var clips = samples(6, 1, Map.of("x", 1.0, "g", 0.0), Map.of("x", 2.0, "g", 1.0));
        var rising = new Gate("x", true, List.of(new Guard("g", false, 0.05, true)));
        assertThat(judge(rising, clips).accepted()).isFalse();
        var falling = new Gate("x", true, List.of(new Guard("g", true, 0.05, true)));
        assertThat(judge(falling, clips).accepted()).isTrue();
    }

    @Test
    void shouldRefuseToGuardWhatWasNotMeasured() {
        var gate = new Gate(ERROR, false, List.of(new Guard("identity", true, 0.01, false)));
        assertThatThrownBy(() -> judge(gate, clips(0.7, 1, 1)))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("'identity', which was not measured");
    }

    @Test
    void shouldRefuseAToleranceBelowZero() {
        assertThatThrownBy(() -> Guard.motion(-0.1))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("at least 0");
    }
}
