package dev.reelrank.flow.topology;

import dev.reelrank.bus.Topics;
import dev.reelrank.flow.Decision;
import dev.reelrank.flow.FlowSettings;
import dev.reelrank.flow.adapter.AdapterFlow;
import dev.reelrank.flow.beside.BesideFlow;
import dev.reelrank.flow.beside.BesideState;
import dev.reelrank.pipeline.event.AdapterImported;
import dev.reelrank.pipeline.event.AdapterJudged;
import dev.reelrank.pipeline.event.PairDrawn;
import dev.reelrank.pipeline.event.WorkReport;
import dev.reelrank.pipeline.event.WorkRequested;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the work beside the samples of one partition and does what {@link BesideFlow} decides; what
 * follows for adapters, {@link AdapterFlow} does.
 */
final class BesideProcessor implements Processor<String, byte[], String, Outgoing> {
    private static final Duration LOOK_FOR_VANISHED = Duration.ofSeconds(2);

    private final FlowSettings settings;
    private final BesideFlow flow;
    private final AdapterFlow adapters;
    private final Inbox inbox;
    private final Topics topics;
    private final QueueHeads heads;
    private final FlowMetrics metrics;
    private final OpenWork open;

    private Outbox outbox;
    private ProcessorContext<String, Outgoing> context;
    private KeyValueStore<String, BesideState> states;

    BesideProcessor(
            FlowSettings settings,
            BesideFlow flow,
            AdapterFlow adapters,
            Inbox inbox,
            Topics topics,
            QueueHeads heads,
            FlowMetrics metrics) {
        this.settings = settings;
        this.flow = flow;
        this.adapters = adapters;
        this.inbox = inbox;
        this.topics = topics;
        this.heads = heads;
        this.metrics = metrics;
        this.open = new OpenWork(metrics);
    }

    @Override
    public void init(ProcessorContext<String, Outgoing> given) {
        context = given;
        outbox = new Outbox(given, topics, metrics);
        states = given.getStateStore(StoreNames.BESIDE);
        try (var all = states.all()) {
            while (all.hasNext()) {
                var entry = all.next();
                open.replace(entry.key, List.of(), entry.value.open());
            }
        }
        given.schedule(LOOK_FOR_VANISHED, PunctuationType.WALL_CLOCK_TIME, t -> emitVanished());
    }

    @Override
    public void process(Record<String, byte[]> record) {
        var now = now();
        var received = inbox.receive(record, context.recordMetadata().orElseThrow(), now);
        if (received.dead() != null) {
            outbox.undecodable(received.dead(), now);
            return;
        }
        if (received.moved() != null) {
            outbox.moved(received.moved(), record, now);
            return;
        }
        var before = states.get(record.key());
        var event = received.event();
        Decision<BesideState> decision;
        if (event instanceof WorkRequested e) {
            decision = flow.requested(before, e, now);
        } else if (event instanceof WorkReport e) {
            metrics.reported(e.work().stage(), e.body().getClass().getSimpleName());
            decision = adapters.after(flow.reported(before, e, now), now);
        } else if (event instanceof PairDrawn e) {
            decision = adapters.drawn(before, e, now);
        } else if (event instanceof AdapterImported e) {
            decision = adapters.imported(before, e, now);
        } else if (event instanceof AdapterJudged e) {
            decision = adapters.judged(before, e, now);
        } else {
            throw new IllegalStateException("nothing is decided about " + event);
        }
        keep(record.key(), before, decision);
        outbox.write(decision.effects(), record.headers(), now);
    }

    @Override
    public void close() {
        open.clear();
    }

    private void keep(String key, @Nullable BesideState before, Decision<BesideState> decision) {
        var after = decision.state();
        if (after != null && !after.equals(before)) {
            states.put(key, after);
            open.replace(key, before == null ? List.of() : before.open(), after.open());
        }
    }

    private void emitVanished() {
        var now = now();
        open.vanished(heads, settings.emissionMargin(), settings.reemitAfter(), now)
                .forEach(
                        (key, workIds) -> {
                            var before = Objects.requireNonNull(states.get(key));
                            var decision = flow.vanished(before, workIds, now);
                            keep(key, before, decision);
                            outbox.write(decision.effects(), now);
                        });
    }

    private Instant now() {
        return Instant.ofEpochMilli(context.currentSystemTimeMs());
    }
}
