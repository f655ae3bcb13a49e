package dev.reelrank.console.arena;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reelrank.console.arena.BradleyTerry.Comparison;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class BradleyTerryTest {
    @Test
    void shouldGiveEqualContendersEqualChances() {
        var games = List.of(new Comparison(0, 1, 1), new Comparison(0, 1, 0));
        assertThat(BradleyTerry.fit(2, games)).containsExactly(0.5, 0.5);
    }

    @Test
    void shouldFindTheStrengthsThatDecidedTheGames() {
        double[] truth = {4, 2, 1, 0.5};
        var random = new SplittableRandom(7);
        var games = new ArrayList<Comparison>();
        for (int n = 0; n < 20_000; n++) {
            int a = random.nextInt(4);
            int b = (a + 1 + random.nextInt(3)) % 4;
            double chance = truth[a] / (truth[a] + truth[b]);
            games.add(new Comparison(a, b, random.nextDouble() < chance ? 1 : 0));
        }
        double[] fitted = BradleyTerry.fit(4, games);
        double[] odds = new double[4];
        for (int i = 0; i < 4; i++) {
            odds[i] = fitted[i] / (1 - fitted[i]);
        }
        assertThat(odds[0] / odds[1]).isCloseTo(2, within(0.12));
        assertThat(odds[1] / odds[2]).isCloseTo(2, within(0.12));
        assertThat(odds[2] / odds[3]).isCloseTo(2, within(0.12));
    }

    @Test
    void shouldNotMakeWhoOnlyWonInfinitelyStrong() {
        var games = List.of(new Comparison(0, 1, 1), new Comparison(0, 1, 1));
        double[] fitted = BradleyTerry.fit(2, games);
        assertThat(fitted[0]).isBetween(0.6, 0.95);
        assertThat(fitted[1]).isEqualTo(1 - fitted[0], within(1e-6));
    }

    @Test
    void shouldNarrowTheIntervalWithMoreVotes() {
        assertThat(width(10)).isGreaterThan(1.5 * width(200));
    }

    private static double width(int games) {
        var all = new ArrayList<Comparison>();
        for (int i = 0; i < games; i++) {
            all.add(new Comparison(0, 1, i % 3 == 0 ? 0 : 1));
        }
        var first = BradleyTerry.of(2, all).get(0);
        assertThat(first.low()).isLessThan(first.probability());
        assertThat(first.high()).isGreaterThan(first.probability());
        return first.high() - first.low();
    }

    @Test
    void shouldSayNothingWithoutVotes() {
        var strengths = BradleyTerry.of(2, List.of());
        assertThat(strengths).allSatisfy(s -> assertThat(s.probability()).isEqualTo(0.5));
    }
}
