package dev.reelrank.bench.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class PruneTableTest {
    private static final int STEPS = 8;
    private static final Plan THREE = Plan.whole(3, STEPS);
    private static final Plan PRUNED = new Plan(6, 2, 2);

    @Test
    void shouldCountTheStepsOfAPlan() {
        assertThat(THREE.spent(STEPS)).isEqualTo(24);
        assertThat(PRUNED.spent(STEPS)).isEqualTo(6 * 2 + 2 * 6);
    }

    @Test
    void shouldComparePlansSceneBySceneAndSayWhatIsNotReached() {
        var better = PruneTable.of(scenes(0, 5), List.of(THREE, PRUNED), THREE, STEPS);
        var row = better.at("/plans/1");
        assertThat(row.path("difference").asDouble()).isCloseTo(0.2, within(1e-9));
        assertThat(row.path("differenceLow95").asDouble()).isPositive();
        assertThat(row.path("ghostRate").asDouble()).isZero();
        assertThat(better.at("/plans/0/ghostRate").asDouble()).isEqualTo(1);
        assertThat(better.path("missed")).isEmpty();

        var equal = PruneTable.of(scenes(0, 0), List.of(THREE, PRUNED), THREE, STEPS);
        assertThat(equal.at("/missed/0").asText()).contains("no pruned plan is better");
    }

    /** The first candidate is worse than the sixth, and a ghost. */
    private static List<SceneFigures> scenes(int whole, int pruned) {
        return IntStream.range(0, 20)
                .mapToObj(
                        i ->
                                new SceneFigures(
                                        i,
                                        List.of(0.5, 0.5, 0.5, 0.5, 0.5, 0.7),
                                        List.of(0.3, 0.0, 0.0, 0.0, 0.0, 0.0),
                                        Map.of(THREE.key(), whole, PRUNED.key(), pruned),
                                        1,
                                        0.01))
                .toList();
    }
}
