package dev.reelrank.flow.topology;

import dev.reelrank.bus.Topics;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.DeadLetter;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.event.RunUpdated;
import dev.reelrank.pipeline.event.WorkItem;
import io.micrometer.core.instrument.Counter;
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
    private final RunGauges runs;

    public FlowMetrics(MeterRegistry registry, Topics topics) {
        this.registry = registry;
        this.runs = new RunGauges(registry);
        // A counter that appears with its first event would show no increase for it.
        for (var topic : topics.all()) {
            writes(topic.name());
        }
        for (var topic : topics.flowInbox()) {
            moves(topic);
        }
        for (var stage : topics.stages().names()) {
            repeats(stage);
            for (var code : FailureCode.values()) {
                letters(topics.dead(stage), code);
            }
            var count = new AtomicInteger();
            open.put(stage, count);
            Gauge.builder("reelrank.flow.open.work", count, AtomicInteger::get)
                    .description("work items without an outcome, in this process's partitions")
                    .tag("stage", stage.id())
                    .register(registry);
        }
    }

    void written(String topic, Event event) {
        writes(topic).increment();
        if (event instanceof WorkItem item && item.emission() > 1) {
            repeats(item.work().stage()).increment();
        } else if (event instanceof DeadLetter letter) {
            dead(topic, letter.code());
        } else if (event instanceof RunUpdated run) {
            runs.updated(run);
        }
    }

    private Counter writes(String topic) {
        return registry.counter("reelrank.flow.written", "topic", topic);
    }

    private Counter repeats(StageName stage) {
        return registry.counter("reelrank.flow.work.repeated", "stage", stage.id());
    }

    void dead(String topic, FailureCode code) {
        letters(topic, code).increment();
    }

    private Counter letters(String topic, FailureCode code) {
        return registry.counter("reelrank.flow.dead.letters", "topic", topic, "code", code.name());
    }

    void moved(String topic) {
        moves(topic).increment();
    }

    private Counter moves(String topic) {
        return registry.counter("reelrank.flow.moved", "topic", topic);
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
