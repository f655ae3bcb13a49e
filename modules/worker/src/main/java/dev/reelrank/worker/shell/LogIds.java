package dev.reelrank.worker.shell;

import dev.reelrank.pipeline.event.WorkRef;
import java.util.List;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import org.slf4j.MDC;

/** Puts the ids of the work in hand into every log line of this thread. */
final class LogIds implements AutoCloseable {
    private static final String[] KEYS = {"stage", "run", "sample", "work", "seed"};

    private LogIds() {}

    static LogIds of(WorkRef work) {
        return of(List.of(work));
    }

    static LogIds of(List<WorkRef> works) {
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
        return new LogIds();
    }

    private static Collector<CharSequence, ?, String> joined() {
        return Collectors.joining(",");
    }

    @Override
    public void close() {
        for (var key : KEYS) {
            MDC.remove(key);
        }
    }
}
