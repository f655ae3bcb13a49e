package dev.reelrank.bench.farm;

import dev.reelrank.bus.Connection;
import dev.reelrank.bus.EventReader;
import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.WorkReport;
import dev.reelrank.pipeline.event.WorkReport.Started;
import dev.reelrank.pipeline.event.WorkReport.Succeeded;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/** The reports of a stage's workers, in the order of their clocks. */
public final class Timeline {
    private final List<WorkReport> reports;

    private Timeline(List<WorkReport> reports) {
        this.reports = reports;
    }

    /** Reads what has been reported about a run up to now. */
    public static Timeline read(Connection connection, StageName stage, String runId) {
        var reports = new ArrayList<WorkReport>();
        try (var reader =
                new EventReader(
                        connection,
                        new EventCodec(),
                        List.of(connection.topics().results(stage)))) {
            reader.onlyRun(runId)
                    .readToEnd(
                            stored -> {
                                if (stored.event() instanceof WorkReport report) {
                                    reports.add(report);
                                }
                            });
        }
        reports.sort(Comparator.comparing(WorkReport::at));
        return new Timeline(reports);
    }

    public List<WorkReport> reports() {
        return List.copyOf(reports);
    }

    /** Work ids in the order in which the queue gave them out first. */
    List<String> order() {
        var order = new LinkedHashSet<String>();
        for (var report : reports) {
            if (report.body() instanceof Started) {
                order.add(report.work().workId());
            }
        }
        return List.copyOf(order);
    }

    /** Distinct work items that succeeded. */
    public int done() {
        var ids = new HashSet<String>();
        for (var report : reports) {
            if (report.body() instanceof Succeeded) {
                ids.add(report.work().workId());
            }
        }
        return ids.size();
    }

    /** When the last work item had its first success. */
    public Instant lastSuccess() {
        var first = new HashMap<String, Instant>();
        for (var report : reports) {
            if (report.body() instanceof Succeeded) {
                first.putIfAbsent(report.work().workId(), report.at());
            }
        }
        return first.values().stream().max(Comparator.naturalOrder()).orElse(Instant.EPOCH);
    }

    /** How often models were loaded, by worker. */
    public Map<String, Long> loads() {
        var loads = new HashMap<String, Long>();
        for (var report : reports) {
            if (report.body() instanceof Succeeded s && s.computation().loadMillis() > 0) {
                loads.merge(report.producer().worker(), 1L, Long::sum);
            }
        }
        return loads;
    }

    /** Between the end of an item and the start of the next on the same worker; sorted. */
    public List<Duration> gaps() {
        var ended = new HashMap<String, Instant>();
        var gaps = new ArrayList<Duration>();
        for (var report : reports) {
            var worker = report.producer().processId();
            if (report.body() instanceof Succeeded) {
                ended.put(worker, report.at());
            } else if (report.body() instanceof Started && ended.containsKey(worker)) {
                gaps.add(Duration.between(ended.remove(worker), report.at()));
            }
        }
        gaps.sort(null);
        return gaps;
    }

    /** A quantile of sorted durations in milliseconds; 0 of none. */
    public static double quantile(List<Duration> sorted, double q) {
        if (sorted.isEmpty()) {
            return 0;
        }
        var index = (int) Math.min(sorted.size() - 1L, Math.round(q * (sorted.size() - 1)));
        return sorted.get(index).toNanos() / 1e6;
    }
}
