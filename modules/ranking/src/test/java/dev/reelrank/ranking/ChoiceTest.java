package dev.reelrank.ranking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ChoiceTest {
    @Test
    void shouldChooseTheDefaultAndSaySoWhenTheSpreadIsTooSmall() {
        var choice =
                Choice.among(
                        List.of("a", "b", "c"),
                        new double[] {0.700, 0.712, 0.706},
                        new int[] {1, 2, 0},
                        0.015);
        assertThat(choice.index()).isEqualTo(2);
        assertThat(choice.reason()).contains("spread too small", "c is the default");
    }

    @Test
    void shouldChooseTheFirstByPreferenceWhenTheHighestScoreIsShared() {
        var choice =
                Choice.among(
                        List.of("a", "b", "c"),
                        new double[] {0.8, 0.5, 0.8},
                        new int[] {2, 0, 1},
                        0.015);
        assertThat(choice.index()).isEqualTo(2);
        assertThat(choice.reason()).contains("2 candidates share");
    }

    @Test
    void shouldTakeTheOnlyCandidateWithoutTalkingAboutSpread() {
        var choice = Choice.among(List.of("a"), new double[] {0.1}, new int[] {0}, 0.015);
        assertThat(choice).isEqualTo(new Choice(0, 0, "the only candidate"));
    }

    @Test
    void shouldRefuseScoresThatAreNoNumbers() {
        assertThatThrownBy(
                        () ->
                                Choice.among(
                                        List.of("a", "b"),
                                        new double[] {0.1, Double.NaN},
                                        new int[] {0, 1},
                                        0.015))
                .hasMessageContaining("score of b");
    }

    @Property
    void orderOfCandidatesNeverChangesTheWinner(
            @ForAll @Size(min = 1, max = 6) List<@DoubleRange(min = -1, max = 1) Double> scores,
            @ForAll long shuffle) {
        var order = new ArrayList<>(IntStream.range(0, scores.size()).boxed().toList());
        var straight = choose(scores, order);
        Collections.shuffle(order, new Random(shuffle));
        assertThat(choose(scores, order)).isEqualTo(straight);
    }

    @Property
    void theWinnerHasTheHighestScoreUnlessTheSpreadIsTooSmall(
            @ForAll @Size(min = 2, max = 6) List<@DoubleRange(min = -1, max = 1) Double> scores) {
        double max = Collections.max(scores);
        double spread = max - Collections.min(scores);
        Assume.that(spread >= 0.015);
        int winner = choose(scores, IntStream.range(0, scores.size()).boxed().toList());
        assertThat(scores.get(winner)).isGreaterThan(max - 1e-8);
    }

    /** The winner's identity when candidates are listed in the given order. */
    private static int choose(List<Double> scores, List<Integer> order) {
        var listed = order.stream().mapToDouble(scores::get).toArray();
        var preference = order.stream().mapToInt(i -> i).toArray();
        var names = order.stream().map(i -> "candidate " + i).toList();
        return order.get(Choice.among(names, listed, preference, 0.015).index());
    }
}
