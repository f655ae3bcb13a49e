package dev.reelrank.flow.topology;

import dev.reelrank.bus.Topics;
import dev.reelrank.flow.Decision;
import dev.reelrank.flow.FlowSettings;
import dev.reelrank.pipeline.event.WorkReport;
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
 * Keeps the states of work that belongs to no sample, and does what a {@link Decider} decides about
 * them.
 *
 * @param <S> the state under one key
 */
final class WorkProcessor<S> implements Processor<String, byte[], String, Outgoing> {
    private static final Duration LOOK_FOR_VANISHED = Duration.ofSeconds(2);

    private final String store;
    private final Decider<S> decider;
    private final FlowSettings settings;
    private final Inbox inbox;
    private final Topics topics;
    private final QueueHeads heads;
    private final FlowMetrics metrics;
    private final OpenWork open;

    private Outbox outbox;
    private ProcessorContext<String, Outgoing> context;
    private KeyValueStore<String, S> states;

    /**
     * @param store where the states are
     */
    WorkProcessor(
            String store,
            Decider<S> decider,
            FlowSettings settings,
            Inbox inbox,
            Topics topics,
            QueueHeads heads,
            FlowMetrics metrics) {
        this.store = store;
        this.decider = decider;
        this.settings = settings;
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
        states = given.getStateStore(store);
        try (var all = states.all()) {
            while (all.hasNext()) {
                var entry = all.next();
                open.replace(entry.key, List.of(), decider.open(entry.value));
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
        var event = Objects.requireNonNull(received.event());
        if (event instanceof WorkReport e) {
            metrics.reported(e.work().stage(), e.body().getClass().getSimpleName());
        }
        String key = decider.key(record.key());
        var before = states.get(key);
        var decision = decider.decide(before, event, now);
        keep(key, before, decision);
        outbox.write(decision.effects(), record.headers(), now);
    }

    @Override
    public void close() {
        open.clear();
    }

    private void keep(String key, @Nullable S before, Decision<S> decision) {
        var after = decision.state();
        if (after != null && !after.equals(before)) {
            states.put(key, after);
            open.replace(
                    key, before == null ? List.of() : decider.open(before), decider.open(after));
        }
    }

    private void emitVanished() {
        var now = now();
        open.vanished(heads, settings.emissionMargin(), settings.reemitAfter(), now)
                .forEach(
                        (key, workIds) -> {
                            var before = Objects.requireNonNull(states.get(key));
                            var decision = decider.vanished(before, workIds, now);
                            keep(key, before, decision);
                            outbox.write(decision.effects(), now);
                        });
    }

    private Instant now() {
        return Instant.ofEpochMilli(context.currentSystemTimeMs());
    }
}
