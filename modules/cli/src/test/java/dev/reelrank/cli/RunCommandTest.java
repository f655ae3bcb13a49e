package dev.reelrank.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.config.CandidateConfig.Prune;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RunCommandTest {
    @Test
    void shouldSayHowManyCandidatesGoOnWhereSomeArePruned() {
        var four = CandidateConfig.defaults().withSeeds(List.of(1L, 2L, 3L, 4L));
        assertThat(RunCommand.candidates(four)).isEqualTo("4 candidates each");
        assertThat(RunCommand.candidates(four.withPrune(new Prune(2, 2))))
                .isEqualTo("4 candidates each, of which the best 2 go on");
        assertThat(RunCommand.candidates(four.withPrune(new Prune(2, 4))))
                .isEqualTo("4 candidates each");
    }
}
