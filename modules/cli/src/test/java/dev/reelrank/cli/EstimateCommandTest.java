package dev.reelrank.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.config.CandidateConfig.Prune;
import java.util.List;
import org.junit.jupiter.api.Test;

final class EstimateCommandTest {
    private static final CandidateConfig ALL = CandidateConfig.defaults();

    @Test
    void shouldTakeTheTimesOfARunThatKeptAnotherNumber() {
        var keptOne = ALL.withPrune(new Prune(2, null)).withSeeds(List.of(1L, 2L, 3L, 4L));
        assertThat(EstimateCommand.alike(keptOne, ALL.withPrune(new Prune(2, 3)), 4)).isTrue();
        assertThat(EstimateCommand.alike(keptOne, ALL.withPrune(new Prune(2, 1)), 3)).isTrue();
    }

    @Test
    void shouldNotTakeTheTimesOfARunThatPausedElsewhereOrNotAtAll() {
        var wanted = ALL.withPrune(new Prune(2, 1));
        assertThat(EstimateCommand.alike(ALL.withPrune(new Prune(3, 1)), wanted, 3)).isFalse();
        assertThat(EstimateCommand.alike(ALL, wanted, 3)).isFalse();
        assertThat(EstimateCommand.alike(wanted, ALL, 3)).isFalse();
    }

    /** Such a run finishes what has paused elsewhere, which is too little for one that begins. */
    @Test
    void shouldNotTakeTheTimesOfAPrunedRunForOneThatPrunesNothing() {
        var all = ALL.withPrune(new Prune(2, 3));
        assertThat(EstimateCommand.alike(ALL.withPrune(new Prune(2, 1)), all, 3)).isFalse();
        assertThat(EstimateCommand.alike(all, all, 3)).isTrue();
    }
}
