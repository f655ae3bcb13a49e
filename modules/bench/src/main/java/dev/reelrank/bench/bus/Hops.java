package dev.reelrank.bench.bus;

import dev.reelrank.bench.farm.Timeline;
import dev.reelrank.bus.Connection;
import dev.reelrank.pipeline.event.WorkReport.Started;
import dev.reelrank.pipeline.event.WorkReport.Succeeded;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The time from one stage to the next: from the report of a result (of the last seed, where there
 * are several) until a worker of the next stage begins. In between lie the result's topic, flow's
 * transaction, the work topic and the share group.
 */
final class Hops {
    private Hops() {}

    /** Sorted. */
    static List<Duration> of(Connection connection, String runId) {
        var hops = new ArrayList<Duration>();
        Map<String, Instant> before = Map.of();
        for (var stage : connection.stages().ofSample()) {
            var ended = new HashMap<String, Instant>();
            for (var report : Timeline.read(connection, stage, runId).reports()) {
                var sample = report.work().sampleId();
                if (report.body() instanceof Started && before.containsKey(sample)) {
                    hops.add(Duration.between(before.get(sample), report.at()));
                } else if (report.body() instanceof Succeeded) {
                    ended.merge(sample, report.at(), (a, b) -> a.isAfter(b) ? a : b);
                }
            }
            before = ended;
        }
        hops.sort(null);
        return hops;
    }
}
