package dev.reelrank.grading.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reelrank.grading.reward.Checklist.Item;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ChecklistTest {
    private static final Checklist LIST =
            new Checklist(
                    List.of(
                            new Item("motion", "Is it smooth?", true, 1),
                            new Item("motion", "Does it flicker?", false, 3),
                            new Item("fidelity", "Is it the same?", true, 1)));

    @Test
    void shouldWeighWantedAnswersByAxisAndInAll() {
        var result = LIST.judge(List.of(0.6, 0.2, 1.0));
        // (1·0.6 + 3·(1 − 0.2)) / 4, and (0.6 + 2.4 + 1) / 5
        assertThat(result.axes().get(0).score()).isCloseTo(0.75, within(1e-12));
        assertThat(result.axes().get(1).score()).isEqualTo(1);
        assertThat(result.score()).isCloseTo(0.8, within(1e-12));
    }

    @Test
    void shouldNameTheQuestionThatWeighedMostAgainstAnAxis() {
        var result = LIST.judge(List.of(0.9, 0.8, 1.0));
        assertThat(result.axes().get(0).reason())
                .isEqualTo("Motion suffers from \"Does it flicker?\" (0.20).");
        assertThat(result.axes().get(1).reason()).contains("good throughout");
    }
}
