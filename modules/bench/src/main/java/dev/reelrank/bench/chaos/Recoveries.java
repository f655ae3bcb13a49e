package dev.reelrank.bench.chaos;

import dev.reelrank.pipeline.event.WorkReport;
import dev.reelrank.pipeline.event.WorkReport.Failed;
import dev.reelrank.pipeline.event.WorkReport.Returned;
import dev.reelrank.pipeline.event.WorkReport.Started;
import dev.reelrank.pipeline.event.WorkReport.Succeeded;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/** Recovery times, computed from the reports of workers. */
final class Recoveries {
    private final List<WorkReport> reports;

    /**
     * @param reports of all stages, in the order of time
     */
    Recoveries(List<WorkReport> reports) {
        this.reports = reports;
    }

    /**
     * Seconds, the longest by fault: of a process, until the work that it held was started or found
     * elsewhere (left out if it had nothing); of anything else, from its end to the next result.
     */
    Map<String, Double> longest(List<Incident> incidents) {
        var longest = new TreeMap<String, Double>();
        for (var incident : incidents) {
            seconds(incident).ifPresent(s -> longest.merge(incident.fault().id(), s, Math::max));
        }
        return longest;
    }

    private OptionalDouble seconds(Incident incident) {
        var inHand = inHand(incident.target(), incident.at());
        if (inHand.isEmpty()) {
            return after(incident.over());
        }
        return reports.stream()
                .filter(r -> r.at().isAfter(incident.at()))
                .filter(r -> inHand.containsKey(r.work().workId()))
                .filter(r -> !r.producer().processId().equals(inHand.get(r.work().workId())))
                .filter(r -> r.body() instanceof Started || r.body() instanceof Succeeded)
                .mapToDouble(r -> between(incident.at(), r.at()))
                .findFirst();
    }

    /**
     * Work that a worker had begun and not ended, with its process. What a former process of the
     * same name died of is not the incident's: it kills the next one too.
     */
    private Map<String, String> inHand(String worker, Instant at) {
        var inHand = new HashMap<String, String>();
        var process = "";
        for (var report : reports) {
            if (report.at().isAfter(at)) {
                break;
            }
            if (!report.producer().worker().equals(worker)
                    || report.work().sampleId().equals(ChaosRun.POISON)) {
                continue;
            }
            if (!report.producer().processId().equals(process)) {
                process = report.producer().processId();
                inHand.clear();
            }
            if (report.body() instanceof Started) {
                inHand.put(report.work().workId(), process);
            } else if (report.body() instanceof Succeeded
                    || report.body() instanceof Failed
                    || report.body() instanceof Returned) {
                inHand.remove(report.work().workId());
            }
        }
        return inHand;
    }

    private OptionalDouble after(Instant over) {
        return reports.stream()
                .filter(r -> r.body() instanceof Succeeded && r.at().isAfter(over))
                .mapToDouble(r -> between(over, r.at()))
                .findFirst();
    }

    private static double between(Instant from, Instant to) {
        return Duration.between(from, to).toNanos() / 1e9;
    }
}
