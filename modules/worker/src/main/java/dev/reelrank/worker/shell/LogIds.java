package dev.reelrank.worker.shell;

import dev.reelrank.bus.Delivery;
import dev.reelrank.bus.trace.Tracing;
import dev.reelrank.pipeline.event.WorkRef;
import java.util.List;
import java.util.Map;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/** Puts the ids of the current work into every log line of this thread. */
final class LogIds implements AutoCloseable {
    private final @Nullable Map<String, String> before = MDC.getCopyOfContextMap();

    private LogIds() {}

    static LogIds of(WorkRef work, Delivery delivery) {
        return of(List.of(work), List.of(delivery));
    }

    /**
     * @param deliveries the records of the work: their trace is named too, if there is one
     */
    static LogIds of(List<WorkRef> works, List<Delivery> deliveries) {
        var ids = new LogIds();
        MDC.put("stage", works.get(0).stage().id());
        MDC.put("run", works.stream().map(WorkRef::runId).distinct().collect(joined()));
        MDC.put("sample", works.stream().map(WorkRef::sampleId).distinct().collect(joined()));
        MDC.put("work", works.stream().map(WorkRef::workId).collect(joined()));
        var seeds =
                works.stream()
                        .map(WorkRef::seed)
                        .filter(s -> s != null)
                        .map(String::valueOf)
                        .collect(joined());
        if (!seeds.isEmpty()) {
            MDC.put("seed", seeds);
        }
        var traces =
                deliveries.stream()
                        .map(d -> Tracing.traceId(d.headers()))
                        .filter(t -> t != null)
                        .distinct()
                        .collect(joined());
        if (!traces.isEmpty()) {
            MDC.put("trace", traces);
        }
        return ids;
    }

    private static Collector<CharSequence, ?, String> joined() {
        return Collectors.joining(",");
    }

    /** Puts back what was there before. */
    @Override
    public void close() {
        if (before == null) {
            MDC.clear();
        } else {
            MDC.setContextMap(before);
        }
    }
}
