package dev.reelrank.worker.shell;

import dev.reelrank.bus.Delivery;
import dev.reelrank.bus.trace.Step;
import dev.reelrank.pipeline.event.WorkReport;
import dev.reelrank.pipeline.event.WorkReport.Failed;
import dev.reelrank.pipeline.event.WorkReport.Returned;
import dev.reelrank.pipeline.event.WorkReport.Succeeded;
import io.opentelemetry.api.trace.SpanKind;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a worker did with a record, as a span of the sample's trace. */
final class Steps {
    private Steps() {}

    /** From the moment the record was taken to its outcome. */
    static Step of(Delivery delivery, WorkReport report) {
        var work = report.work();
        Map<String, String> attributes = new HashMap<>();
        attributes.put("messaging.system", "kafka");
        attributes.put("reelrank.run", work.runId());
        attributes.put("reelrank.sample", work.sampleId());
        attributes.put("reelrank.stage", work.stage().id());
        attributes.put("reelrank.work", work.workId());
        attributes.put("reelrank.epoch", Integer.toString(work.epoch()));
        if (work.seed() != null) {
            attributes.put("reelrank.seed", Long.toString(work.seed()));
        }
        attributes.put("reelrank.worker", report.producer().worker());
        attributes.put("reelrank.device", report.producer().device());
        attributes.put("reelrank.deliveries", Integer.toString(delivery.deliveryCount()));
        attributes.put(
                "reelrank.queued_ms",
                Long.toString(
                        Math.max(
                                0,
                                Duration.between(delivery.appendedAt(), delivery.takenAt())
                                        .toMillis())));
        if (report.body() instanceof Succeeded s) {
            attributes.put("reelrank.reused", Boolean.toString(s.computation().reused()));
            attributes.put("reelrank.load_ms", Long.toString(s.computation().loadMillis()));
            attributes.put("reelrank.run_ms", Long.toString(s.computation().runMillis()));
        }
        return new Step(
                work.stage().id(),
                SpanKind.CONSUMER,
                delivery.headers(),
                delivery.takenAt(),
                report.at(),
                attributes,
                failure(report));
    }

    private static @Nullable String failure(WorkReport report) {
        if (report.body() instanceof Failed failed) {
            return failed.code() + ": " + failed.message();
        }
        return report.body() instanceof Returned returned ? returned.reason() : null;
    }
}
