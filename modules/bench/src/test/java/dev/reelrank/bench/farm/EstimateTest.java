package dev.reelrank.bench.farm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reelrank.client.estimate.FarmEstimate;
import dev.reelrank.client.results.RunCost;
import dev.reelrank.client.results.StageCost;
import dev.reelrank.pipeline.StageName;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

final class EstimateTest {
    /** The makespan that the farm benchmark measured, docs/benchmarks/farm.json. */
    private static final double MEASURED = 3548.4;

    @Test
    void shouldPredictTheFarmBenchmarkWithinTenPercent() {
        var scenario = Scenario.named("identityflow");
        var durations = scenario.durations().stream().flatMap(List::stream).toList();
        // Timings as an earlier run of six samples on one GPU would have left them.
        double seconds = durations.subList(0, 18).stream().mapToDouble(d -> d).sum();
        var earlier =
                new RunCost(
                        List.of(
                                new StageCost(
                                        StageName.CANDIDATE,
                                        "cuda",
                                        18,
                                        0,
                                        seconds,
                                        1,
                                        scenario.loadSeconds())));
        var estimate =
                FarmEstimate.of(
                        earlier, scenario.samples(), scenario.seeds().size(), scenario.workers());
        var ideal =
                Schedules.list(
                        durations,
                        Collections.nCopies(scenario.workers(), Schedules.Worker.SOUND),
                        scenario.loadSeconds());
        assertThat(estimate.makespanSeconds()).isCloseTo(ideal, within(0.1 * ideal));
        assertThat(estimate.makespanSeconds()).isCloseTo(MEASURED, within(0.1 * MEASURED));
    }
}
