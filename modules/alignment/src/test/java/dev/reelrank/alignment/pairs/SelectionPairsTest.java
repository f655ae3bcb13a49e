package dev.reelrank.alignment.pairs;

import static dev.reelrank.alignment.pairs.Examples.blob;
import static dev.reelrank.alignment.pairs.Examples.sample;
import static dev.reelrank.alignment.pairs.Examples.video;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class SelectionPairsTest {
    private final SelectionPairs source = new SelectionPairs();

    @Test
    void makesAPairOfEverySelection() {
        var drawn =
                source.draw(
                        sample(
                                "a",
                                List.of(new Preference("x", 2, 1), new Preference("y", 3, 1)),
                                video(1, 0),
                                video(2, 0),
                                video(3, 0)));

        assertThat(drawn.pairs())
                .extracting(p -> p.winner().blob())
                .containsExactly(blob("video 2"), blob("video 3"));
        assertThat(drawn.skipped()).isEmpty();
    }

    @Test
    void theLaterOfTwoContradictingSelectionsCounts() {
        var drawn =
                source.draw(
                        sample(
                                "a",
                                List.of(new Preference("x", 1, 2), new Preference("y", 2, 1)),
                                video(1, 0),
                                video(2, 0)));

        assertThat(drawn.pairs())
                .singleElement()
                .satisfies(p -> assertThat(p.winner().blob()).isEqualTo(blob("video 2")));
        assertThat(drawn.skipped())
                .containsExactly("a later selection compares the same two candidates");
    }

    @Test
    void saysWhenASelectedCandidateIsGone() {
        var drawn = source.draw(sample("a", List.of(new Preference("x", 1, 9)), video(1, 0)));

        assertThat(drawn.pairs()).isEmpty();
        assertThat(drawn.skipped())
                .containsExactly("a selected candidate no longer exists in the run");
    }
}
