package dev.reelrank.pipeline.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.config.CandidateConfig.Prune;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class CandidateConfigTest {
    private static final CandidateConfig ONE =
            CandidateConfig.defaults().withSeeds(List.of(3L, 1L));
    private static final CandidateConfig TWO = ONE.withModels(List.of("fox", "owl"));

    @Test
    void shouldGiveEachModelSeedsOfItsOwn() {
        assertThat(ONE.candidateSeeds()).containsExactly(3L, 1L);
        assertThat(TWO.candidateSeeds()).containsExactly(3L, 1L, 4L, 5L);
        assertThat(TWO.candidateSeeds())
                .extracting(TWO::modelOf)
                .containsExactly("fox", "fox", "owl", "owl");
        assertThat(ONE.modelOf(3)).isEqualTo(CandidateConfig.DEFAULT_MODEL);
        var last = ONE.withSeeds(List.of(Long.MAX_VALUE, 0L)).withModels(List.of("fox", "owl"));
        assertThat(last.candidateSeeds()).containsExactly(Long.MAX_VALUE, 0L, 1L, 2L);
    }

    @Test
    void shouldGiveTheWorkOfACandidateItsOwnSeedAndModelAlone() {
        var own = TWO.withSeed(4);
        assertThat(own.model()).isEqualTo("owl");
        assertThat(own.models()).isEmpty();
        assertThat(own.seeds()).containsExactly(4L);
        assertThat(ONE.withSeed(3).model()).isNull();
        // Whatever other seed a pair or a training is given: the model stays.
        assertThat(own.withSeed(0).model()).isEqualTo("owl");
    }

    @Test
    void shouldPruneAmongTheCandidatesOfAllModels() {
        var pruned = TWO.withPrune(new Prune(2, 2));
        assertThat(ONE.withPrune(new Prune(2, 2)).prunes()).isFalse();
        assertThat(pruned.prunes()).isTrue();
        assertThat(pruned.finished()).isEqualTo(2);
        assertThat(TWO.finished()).isEqualTo(4);
    }

    @Test
    void shouldRefuseModelsThatCannotBeMeant() {
        assertThatThrownBy(() -> ONE.withModels(List.of("fox", "fox")))
                .hasMessageContaining("candidate.models")
                .hasMessageContaining("without repetition");
        assertThatThrownBy(() -> ONE.withModels(List.of("../fox")))
                .hasMessageContaining("names of folders");
        var fifty = ONE.withSeeds(LongStream.range(0, 50).boxed().toList());
        assertThat(fifty.withModels(List.of("a", "b")).candidateSeeds()).hasSize(100);
        assertThatThrownBy(() -> fifty.withModels(List.of("a", "b", "c")))
                .hasMessageContaining("at most 100");
    }
}
