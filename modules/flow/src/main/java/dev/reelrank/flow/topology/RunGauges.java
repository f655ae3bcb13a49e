package dev.reelrank.flow.topology;

import dev.reelrank.pipeline.event.RunUpdated;
import dev.reelrank.pipeline.event.RunUpdated.Status;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToIntFunction;

/**
 * How far each run is, for dashboards. A run's numbers come from the process that wrote about it
 * last; after that process has restarted, they come with the next change of the run. Only the runs
 * that changed last are kept, since each is three series.
 *
 * <p>Safe for use by several threads.
 */
final class RunGauges {
    /** Three series each. */
    static final int KEPT = 20;

    private final MeterRegistry registry;
    private final Map<String, Run> runs = new LinkedHashMap<>();

    private record Run(AtomicReference<RunUpdated> latest, List<Meter> meters) {}

    RunGauges(MeterRegistry registry) {
        this.registry = registry;
    }

    synchronized void updated(RunUpdated update) {
        var known = runs.remove(update.runId());
        if (update.status() == Status.DELETED) {
            if (known != null) {
                forget(known);
            }
            return;
        }
        var run = known == null ? register(update) : known;
        run.latest().set(update);
        runs.put(update.runId(), run);
        if (runs.size() > KEPT) {
            var eldest = runs.keySet().iterator().next();
            var gone = runs.remove(eldest);
            if (gone != null) {
                forget(gone);
            }
        }
    }

    private void forget(Run run) {
        run.meters().forEach(registry::remove);
    }

    private Run register(RunUpdated update) {
        var latest = new AtomicReference<>(update);
        var meters = new ArrayList<Meter>();
        meters.add(gauge(update.runId(), latest, "expected", RunUpdated::expected));
        meters.add(gauge(update.runId(), latest, "done", RunUpdated::done));
        meters.add(gauge(update.runId(), latest, "failed", RunUpdated::failed));
        return new Run(latest, meters);
    }

    private Gauge gauge(
            String id,
            AtomicReference<RunUpdated> latest,
            String state,
            ToIntFunction<RunUpdated> value) {
        return Gauge.builder(
                        "reelrank.run.samples",
                        latest,
                        run -> {
                            var now = run.get();
                            return now == null ? Double.NaN : value.applyAsInt(now);
                        })
                .description("samples of a run: expected, done, failed; of the latest runs")
                .tag("run", id)
                .tag("state", state)
                .register(registry);
    }
}
