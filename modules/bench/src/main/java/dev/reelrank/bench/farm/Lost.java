package dev.reelrank.bench.farm;

import dev.reelrank.pipeline.event.WorkReport.Started;
import dev.reelrank.pipeline.event.WorkReport.Succeeded;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Time that the workers did not spend loading or computing, by cause. Seconds on the farm's clock,
 * the mean of the workers that lived until the end: together with their loads and items they are
 * the makespan.
 *
 * @param waiting from the submission until the first item begins
 * @param longer that loads and items took beyond what was asked of the stage
 * @param between the report of an item's end and the start of the next
 * @param atTheEnd from the worker's last item to the last of all; list scheduling has some of it
 */
record Lost(double waiting, double longer, double between, double atTheEnd) {

    /**
     * @param from when everything was submitted
     * @param workers by name
     * @param seconds that an item takes a sound worker, by work id
     */
    static Lost of(
            Timeline timeline,
            Instant from,
            Scenario scenario,
            Map<String, Schedules.Worker> workers,
            Map<String, Double> seconds) {
        double waiting = 0;
        double longer = 0;
        double between = 0;
        double atTheEnd = 0;
        var ended = new HashMap<String, Instant>();
        var began = new HashMap<String, Instant>();
        for (var report : timeline.reports()) {
            var name = report.producer().worker();
            var worker = workers.get(name);
            if (worker == null || !Double.isInfinite(worker.diesAt())) {
                continue;
            }
            if (report.body() instanceof Started) {
                var before = ended.get(name);
                if (before == null) {
                    waiting += scenario.seconds(from, report.at());
                    longer -= scenario.loadSeconds() * worker.slowness();
                } else {
                    between += scenario.seconds(before, report.at());
                }
                began.put(name, report.at());
            } else if (report.body() instanceof Succeeded && began.containsKey(name)) {
                longer +=
                        scenario.seconds(began.remove(name), report.at())
                                - Objects.requireNonNull(seconds.get(report.work().workId()))
                                        * worker.slowness();
                ended.put(name, report.at());
            }
        }
        var end = timeline.lastSuccess();
        for (var at : ended.values()) {
            atTheEnd += scenario.seconds(at, end);
        }
        var count = Math.max(1, ended.size());
        return new Lost(waiting / count, longer / count, between / count, atTheEnd / count);
    }
}
