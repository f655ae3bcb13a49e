package dev.reelrank.bench.farm;

import dev.reelrank.bus.Connection;
import dev.reelrank.bus.EventReader;
import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.client.RunTopics;
import dev.reelrank.client.estimate.FarmEstimate;
import dev.reelrank.client.results.RunCost;
import dev.reelrank.client.results.RunView;

/**
 * What {@code reelrank estimate} says of a pass by the timings of its first two samples, beside
 * what was measured. Seconds are on the farm's clock.
 *
 * @param estimatedSeconds from the submission to the last grade
 * @param measuredSeconds of the same
 * @param difference of the estimate, as a share of what was measured
 */
record Estimated(double estimatedSeconds, double measuredSeconds, double difference) {
    /** As many as the documentation tells people to run first. */
    private static final int SAMPLES = 2;

    static Estimated of(
            Connection connection, String runId, Scenario scenario, double measuredSeconds) {
        var view = new RunView(runId);
        try (var reader =
                new EventReader(connection, new EventCodec(), RunTopics.of(connection.topics()))) {
            reader.onlyRun(runId).readToEnd(stored -> view.apply(stored.event()));
        }
        var first = view.samples().values().stream().limit(SAMPLES).toList();
        double seconds =
                FarmEstimate.of(
                                        RunCost.of(first),
                                        scenario.samples(),
                                        scenario.seeds().size(),
                                        scenario.workers())
                                .makespanSeconds()
                        * scenario.speed();
        return new Estimated(seconds, measuredSeconds, seconds / measuredSeconds - 1);
    }
}
