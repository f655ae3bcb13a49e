package dev.reelrank.console.arena;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reelrank.console.Example;
import dev.reelrank.console.arena.Tally.Agreement;
import dev.reelrank.pipeline.event.VoteCast;
import dev.reelrank.pipeline.event.VoteCast.Answer;
import dev.reelrank.pipeline.event.VoteCast.Shown;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class TallyTest {
    private static final Contest CONTEST = new Contest("run", null);
    private int number;

    private VoteCast vote(String rater, String sample, long left, long right, Answer answer) {
        number++;
        return new VoteCast(
                "vote" + number,
                null,
                rater,
                sample,
                new Shown("run", left, Example.video(sample, left)),
                new Shown("run", right, Example.video(sample, right)),
                answer,
                1_000,
                Example.START.plusSeconds(number));
    }

    @Test
    void shouldCountTheSameOpinionWhicheverSideAVideoStoodOn() {
        var votes =
                List.of(
                        vote("Ada", "ring", 1, 2, Answer.LEFT),
                        vote("Grace", "ring", 2, 1, Answer.RIGHT),
                        vote("Ada", "ring", 2, 1, Answer.LEFT));
        var tally = Tally.of(CONTEST, votes, v -> Optional.of(Answer.LEFT));
        assertThat(tally.agreements())
                .containsEntry("two people about one pair", new Agreement(1, 1))
                .containsEntry("one person about a repeated pair", new Agreement(0, 1))
                .containsEntry("votes and composite", new Agreement(2, 3));
    }

    @Test
    void shouldLeaveSkippedPairsOutAndCountBadOnesAsTies() {
        var votes =
                List.of(
                        vote("Ada", "ring", 1, 2, Answer.SKIPPED),
                        vote("Ada", "cat", 1, 2, Answer.BOTH_BAD));
        var tally = Tally.of(CONTEST, votes, v -> Optional.empty());
        assertThat(tally.votes()).isEqualTo(1);
        assertThat(tally.skipped()).isEqualTo(1);
        assertThat(tally.bothBad()).isEqualTo(1);
        assertThat(tally.standings()).extracting(Tally.Standing::ties).containsExactly(1, 1);
    }

    @Test
    void shouldPutWhoWinsOnTop() {
        var votes = new ArrayList<VoteCast>();
        for (int i = 0; i < 12; i++) {
            votes.add(vote("Ada", "s" + i, 3, 1, i < 10 ? Answer.LEFT : Answer.RIGHT));
        }
        var best = Tally.of(CONTEST, votes, v -> Optional.empty()).standings().get(0);
        assertThat(best.contender()).isEqualTo("seed 3");
        assertThat(best.wins()).isEqualTo(10);
        assertThat(best.low()).isGreaterThan(0.5);
    }

    @Test
    void shouldTestForAPreferredSideExactly() {
        assertThat(Tally.binomial(5, 10)).isEqualTo(1, within(1e-9));
        // R: binom.test(9, 10)$p.value
        assertThat(Tally.binomial(9, 10)).isEqualTo(0.021484375, within(1e-9));
        // R: binom.test(60, 100)$p.value
        assertThat(Tally.binomial(60, 100)).isEqualTo(0.05688793364098, within(1e-9));
        assertThat(Tally.binomial(0, 0)).isEqualTo(1);
    }
}
