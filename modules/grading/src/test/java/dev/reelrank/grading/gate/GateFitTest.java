package dev.reelrank.grading.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class GateFitTest {
    private static final GateFit.Goal GOAL = new GateFit.Goal(0.97, 0.05, 0.01);

    @Test
    void shouldFindEachDefectByTheMeasureThatShowsIt() {
        var gate = GateFit.fit(cases(400, 1), Set.of("warping"), m -> false, GOAL);
        assertThat(gate.measures()).containsExactly("moved", "warping");
        // On clips that it has not seen:
        var unseen = cases(400, 2);
        assertThat(share(gate, unseen, "frozen", Decision.KEEP)).isLessThan(0.05);
        assertThat(share(gate, unseen, "flicker", Decision.KEEP)).isLessThan(0.05);
        assertThat(share(gate, unseen, null, Decision.REJECT)).isLessThanOrEqualTo(0.03);
        assertThat(share(gate, unseen, null, Decision.REVIEW)).isLessThanOrEqualTo(0.10);
    }

    @Test
    void shouldGiveAwayNoMoreCleanClipsThanAllowed() {
        // A measure that tells nothing: every limit would cost as many clean clips as it finds.
        var random = new Random(3);
        var cases = new ArrayList<GateFit.Case>();
        for (int i = 0; i < 400; i++) {
            cases.add(
                    new GateFit.Case(
                            i % 2 == 0 ? null : "ghost", Map.of("noise", random.nextDouble())));
        }
        var gate = GateFit.fit(cases, Set.of(), m -> false, GOAL);
        assertThat(share(gate, cases, null, Decision.REJECT)).isLessThanOrEqualTo(0.01);
        assertThat(
                        share(gate, cases, null, Decision.REVIEW)
                                + share(gate, cases, null, Decision.REJECT))
                .isLessThanOrEqualTo(0.06);
    }

    @Test
    void shouldRejectForOneClearDefectHoweverGoodTheRest() {
        var gate =
                new Gate(
                        Map.of(
                                "moved", new Limit(Limit.HIGHER, 0.8, 0.6),
                                "warping", new Limit(Limit.LOWER, 0.01, 0.02)));
        var verdict = gate.judge(signals(0.1, 0.0));
        assertThat(verdict.decision()).isEqualTo(Decision.REJECT);
        assertThat(verdict.defects()).hasSize(1);
        assertThat(verdict.because()).isEqualTo("moved is 0.10; the least allowed is 0.60");
        assertThat(gate.judge(signals(0.7, 0.0)).decision()).isEqualTo(Decision.REVIEW);
        assertThat(gate.judge(signals(0.9, 0.0)).decision()).isEqualTo(Decision.KEEP);
        assertThat(gate.judge(signals(0.9, 0.03)).decision()).isEqualTo(Decision.REJECT);
        assertThat(gate.judge(signals(Double.NaN, 0)).decision()).isEqualTo(Decision.REVIEW);
        assertThat(gate.judge(new Signals(Map.of(), List.of())).decision())
                .isEqualTo(Decision.KEEP);
    }

    private static Signals signals(double moved, double warping) {
        return new Signals(Map.of("moved", moved, "warping", warping), List.of());
    }

    private static List<GateFit.Case> cases(int each, long seed) {
        var random = new Random(seed);
        var cases = new ArrayList<GateFit.Case>();
        for (int i = 0; i < each; i++) {
            cases.add(one(null, 1 - 0.1 * random.nextDouble(), 0.01 * random.nextDouble(), random));
            cases.add(one("frozen", 0.5, 0.01 * random.nextDouble(), random));
            cases.add(one("flicker", 1, 0.05 + 0.01 * random.nextGaussian(), random));
        }
        return cases;
    }

    private static GateFit.Case one(
            @Nullable String kind, double moved, double warping, Random random) {
        return new GateFit.Case(
                kind, Map.of("moved", moved, "warping", warping, "noise", random.nextDouble()));
    }

    private static double share(
            Gate gate, List<GateFit.Case> cases, @Nullable String kind, Decision decision) {
        var of =
                cases.stream()
                        .filter(c -> kind == null ? c.kind() == null : kind.equals(c.kind()))
                        .toList();
        return (double)
                        of.stream()
                                .filter(
                                        c ->
                                                gate.judge(new Signals(c.measures(), List.of()))
                                                                .decision()
                                                        == decision)
                                .count()
                / of.size();
    }
}
