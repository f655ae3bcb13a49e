package dev.reelrank.client.study;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.pipeline.config.RunConfiguration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WavesTest {
    private static final String PLAIN = "candidate.seeds: [1, 2]";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "candidate.seeds: [2, 3]",
                PLAIN + ", ranking.minSpread: 0.3",
                PLAIN + ", candidate.retrySeeds: 3",
                PLAIN + ", candidate.model: wan",
                PLAIN + ", candidate.models: [wan]",
                "candidate.seeds: [2], candidate.models: [wan, cogvideox-5b]",
                "candidate.seeds: [1], candidate.retrySeeds: 1",
                PLAIN + ", candidate.steps: 8, candidate.prune: {after: 4}"
            })
    void oneOfTwoRunsThatShareAVideoGoesFirst(String other) {
        String first = other.contains("steps") ? PLAIN + ", candidate.steps: 8" : PLAIN;
        assertThat(waves(first, other)).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "candidate.seeds: [3, 4]",
                PLAIN + ", candidate.steps: 8",
                PLAIN + ", prompt.mode: simplify_v1",
                PLAIN + ", candidate.model: cogvideox-5b",
                "candidate.seeds: [3], candidate.retrySeeds: 3"
            })
    void runsWithOtherVideosGoSideBySide(String other) {
        assertThat(waves(PLAIN, other)).hasSize(1);
    }

    @Test
    void aRunGoesAsSoonAsNobodyElseMakesWhatItMisses() {
        assertThat(
                        waves(
                                "candidate.seeds: [1]",
                                "candidate.seeds: [1, 2]",
                                "candidate.seeds: [1, 3]",
                                "candidate.seeds: [3]",
                                "candidate.seeds: [2, 3]"))
                .containsExactly(List.of("1", "3"), List.of("2", "0"), List.of("4"));
    }

    @Test
    void runsThatFindEveryVideoGoTogether() {
        assertThat(
                        waves(
                                PLAIN,
                                PLAIN + ", ranking.minSpread: 0.3",
                                PLAIN + ", candidate.retrySeeds: 2",
                                PLAIN + ", candidate.retrySeeds: 1",
                                "candidate.seeds: [2]"))
                .containsExactly(List.of("2"), List.of("3", "0", "1", "4"));
    }

    @Test
    void whatAPrunedRunLeavesOutIsNotStored() {
        String pruned = PLAIN + ", candidate.steps: 8, candidate.prune: {after: 4}";
        assertThat(
                        waves(
                                pruned,
                                pruned + ", ranking.minSpread: 0.3",
                                PLAIN + ", candidate.steps: 8"))
                .containsExactly(List.of("2"), List.of("0", "1"));
        assertThat(waves(pruned, pruned + ", ranking.minSpread: 0.3"))
                .containsExactly(List.of("0"), List.of("1"));
    }

    private static List<List<String>> waves(String... settings) {
        Map<String, RunConfiguration> runs = new LinkedHashMap<>();
        var cells = new StringBuilder("name: s\ncells:\n");
        for (int i = 0; i < settings.length; i++) {
            cells.append("  - {name: '%d', set: {%s}}%n".formatted(i, settings[i]));
        }
        StudyFile.parse("s.yaml", cells.toString())
                .cells()
                .forEach(c -> runs.put(c.name(), c.configuration()));
        return Waves.of(runs);
    }
}
