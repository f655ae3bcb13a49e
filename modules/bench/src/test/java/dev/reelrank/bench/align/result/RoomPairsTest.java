package dev.reelrank.bench.align.result;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.bench.align.result.CandidateFiles.Candidate;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class RoomPairsTest {
    private static final String SCORE = "epipolar_sampson";
    private static final RoomPairs PAIRS = new RoomPairs(SCORE, 0.25);

    @Test
    void shouldTakeTheBestOfTheLivelyAndTheWorst() {
        var prompt =
                List.of(
                        candidate("a", 1, 0.2, 1, 0.3),
                        candidate("a", 2, 0.1, 0.5, 0.2),
                        candidate("a", 3, 0.3, 1, 0.5),
                        candidate("a", 4, 0.25, 1, 0.4));

        var pairs = PAIRS.choose(List.of(prompt), 9);

        assertThat(pairs).hasSize(1);
        assertThat(pairs.get(0).winner().seed()).isEqualTo(1);
        assertThat(pairs.get(0).loser().seed()).isEqualTo(3);
        assertThat(RoomPairs.nearer(pairs)).isEqualTo(1);
    }

    @Test
    void shouldLetACandidateWithoutAScoreLose() {
        var prompt = List.of(candidate("a", 1, 0.2, 1, 0.3), candidate("a", 2, Double.NaN, 1, 0.2));

        var pairs = PAIRS.choose(List.of(prompt), 9);

        assertThat(pairs).hasSize(1);
        assertThat(pairs.get(0).loser().seed()).isEqualTo(2);
        assertThat(RoomPairs.nearer(pairs)).isZero();
    }

    @Test
    void shouldTakeTheWidestGapsInTheOrderOfThePrompts() {
        var pairs =
                PAIRS.choose(
                        List.of(
                                prompt("a", 0.4),
                                prompt("b", 0.24),
                                prompt("c", 0.3),
                                prompt("d", 0.6)),
                        2);

        assertThat(pairs).extracting(p -> p.winner().sample()).containsExactly("a", "d");
    }

    @Test
    void shouldCountHowOftenScoreAndTruthAgree() {
        var prompt =
                List.of(
                        candidate("a", 1, 0.1, 1, 0.3),
                        candidate("a", 2, 0.2, 1, 0.4),
                        candidate("a", 3, 0.3, 1, 0.35),
                        candidate("a", 4, Double.NaN, 1, 0.1));

        assertThat(RoomPairs.agreement(List.of(prompt), SCORE)).isEqualTo(2 / 3.0);
    }

    private static List<Candidate> prompt(String sample, double worst) {
        return List.of(candidate(sample, 1, 0.2, 1, 0.1), candidate(sample, 2, worst, 1, 0.2));
    }

    private static Candidate candidate(
            String sample, long seed, double score, double motion, double error) {
        return new Candidate(
                sample, seed, Map.of(SCORE, score, "motion", motion, "true_error", error));
    }
}
