package dev.reelrank.alignment.pairs;

import static dev.reelrank.alignment.pairs.Examples.blob;
import static dev.reelrank.alignment.pairs.Examples.sample;
import static dev.reelrank.alignment.pairs.Examples.video;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class PairSelectionTest {
    @Test
    void countsSamplesPairsAndTheReasonsOfTheOthers() {
        var selection =
                PairSelection.draw(
                        MetricPairs.ranking(0.1),
                        List.of(
                                sample("a", video(1, 0.9), video(2, 0.5)),
                                sample("b", video(3, 0.9)),
                                sample("c", video(4, 0.9), video(5, 0.85)),
                                sample("d", video(6, 0.9), video(7, 0.85))));

        assertThat(selection.samples()).isEqualTo(4);
        assertThat(selection.pairs()).extracting(VideoPair::sampleId).containsExactly("a");
        assertThat(selection.skipped())
                .containsEntry("the gap of composite is below 0.1", 2)
                .containsEntry("fewer than two candidates have a value of composite", 1);
    }

    @Test
    void theSamePairOfTwoRunsStandsOnce() {
        var once = sample("a", video(1, 0.9), video(2, 0.5));

        var selection = PairSelection.draw(MetricPairs.ranking(0.1), List.of(once, once));

        assertThat(selection.pairs()).hasSize(1);
        assertThat(selection.skipped()).containsEntry("the same pair was drawn before", 1);
    }

    @Test
    void jitterMakesALoserOfEveryCandidate() {
        var source =
                new JitterPairs("noise", 0.15, (sample, winner, seed) -> blob("spoilt " + seed));

        var selection =
                PairSelection.draw(
                        source, List.of(sample("a", video(1, 0), video(2, 0)), sample("b")));

        assertThat(selection.pairs())
                .extracting(p -> p.loser().blob())
                .containsExactly(blob("spoilt 1"), blob("spoilt 2"));
        assertThat(selection.pairs()).allMatch(p -> p.source().equals("jitter:noise"));
        assertThat(selection.skipped()).containsEntry("the sample has no candidate", 1);
    }
}
