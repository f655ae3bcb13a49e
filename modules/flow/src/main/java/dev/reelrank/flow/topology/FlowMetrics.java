package dev.reelrank.flow.topology;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.DeadLetter;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.event.WorkItem;
import dev.reelrank.pipeline.stage.Stages;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What flow counts. Counts are of decisions: those of a transaction that is aborted and repeated
 * count twice; the facts themselves do not.
 */
public final class FlowMetrics {
    private final MeterRegistry registry;
    private final Map<StageName, AtomicInteger> open = new HashMap<>();

    public FlowMetrics(MeterRegistry registry, Stages stages) {
        this.registry = registry;
        for (var stage : stages.names()) {
            var count = new AtomicInteger();
            open.put(stage, count);
            Gauge.builder("reelrank.flow.open.work", count, AtomicInteger::get)
                    .description("work items without an outcome, in this process's partitions")
                    .tag("stage", stage.id())
                    .register(registry);
        }
    }

    void written(String topic, Event event) {
        registry.counter("reelrank.flow.written", "topic", topic).increment();
        if (event instanceof WorkItem item && item.emission() > 1) {
            registry.counter("reelrank.flow.work.repeated", "stage", item.work().stage().id())
                    .increment();
        } else if (event instanceof DeadLetter letter) {
            dead(topic, letter.code());
        }
    }

    void dead(String topic, FailureCode code) {
        registry.counter("reelrank.flow.dead.letters", "topic", topic, "code", code.name())
                .increment();
    }

    void moved(String topic) {
        registry.counter("reelrank.flow.moved", "topic", topic).increment();
    }

    void reported(StageName stage, String kind) {
        registry.counter("reelrank.flow.reports", "stage", stage.id(), "kind", kind).increment();
    }

    void open(StageName stage, int change) {
        var count = open.get(stage);
        if (count != null) {
            count.addAndGet(change);
        }
    }
}
