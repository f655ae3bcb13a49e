package dev.reelrank.flow.topology;

import dev.reelrank.bus.Topics;
import dev.reelrank.flow.Decision;
import dev.reelrank.flow.FlowSettings;
import dev.reelrank.flow.preference.PreferenceFlow;
import dev.reelrank.flow.preference.PreferenceState;
import dev.reelrank.pipeline.event.SelectionMade;
import dev.reelrank.pipeline.event.TuneRequested;
import dev.reelrank.pipeline.event.TuneReset;
import dev.reelrank.pipeline.event.WorkReport;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/** Keeps the selections and does what {@link PreferenceFlow} decides. There is one on the farm. */
final class PreferenceProcessor implements Processor<String, byte[], String, Outgoing> {
    private static final Duration LOOK_FOR_VANISHED = Duration.ofSeconds(2);

    private final FlowSettings settings;
    private final PreferenceFlow flow;
    private final Inbox inbox;
    private final Topics topics;
    private final QueueHeads heads;
    private final FlowMetrics metrics;
    private final OpenWork open;

    private Outbox outbox;
    private ProcessorContext<String, Outgoing> context;
    private KeyValueStore<String, PreferenceState> preferences;

    PreferenceProcessor(
            FlowSettings settings,
            PreferenceFlow flow,
            Inbox inbox,
            Topics topics,
            QueueHeads heads,
            FlowMetrics metrics) {
        this.settings = settings;
        this.flow = flow;
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
        preferences = given.getStateStore(StoreNames.PREFERENCES);
        index(null, preferences.get(StoreNames.PREFERENCE_KEY));
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
        var before = preferences.get(StoreNames.PREFERENCE_KEY);
        var event = received.event();
        Decision<PreferenceState> decision;
        if (event instanceof SelectionMade e) {
            decision = flow.selected(before, e, now);
        } else if (event instanceof TuneRequested e) {
            decision = flow.requested(before, e, now);
        } else if (event instanceof TuneReset e) {
            decision = flow.reset(before, e, now);
        } else if (event instanceof WorkReport e) {
            metrics.reported(e.work().stage(), e.body().getClass().getSimpleName());
            decision = flow.reported(before, e, now);
        } else {
            throw new IllegalStateException("no decision about " + event);
        }
        keep(before, decision);
        outbox.write(decision.effects(), record.headers(), now);
    }

    @Override
    public void close() {
        open.clear();
    }

    private void keep(@Nullable PreferenceState before, Decision<PreferenceState> decision) {
        var after = decision.state();
        if (after != null && !after.equals(before)) {
            preferences.put(StoreNames.PREFERENCE_KEY, after);
            index(before, after);
        }
    }

    private void index(@Nullable PreferenceState before, @Nullable PreferenceState after) {
        open.replace(
                StoreNames.PREFERENCE_KEY,
                before == null || before.tuning() == null ? List.of() : List.of(before.tuning()),
                after == null || after.tuning() == null ? List.of() : List.of(after.tuning()));
    }

    private void emitVanished() {
        var now = now();
        var state = preferences.get(StoreNames.PREFERENCE_KEY);
        if (state == null
                || open.vanished(heads, settings.emissionMargin(), settings.reemitAfter(), now)
                        .isEmpty()) {
            return;
        }
        var decision = flow.vanished(state, now);
        keep(state, decision);
        outbox.write(decision.effects(), now);
    }

    private Instant now() {
        return Instant.ofEpochMilli(context.currentSystemTimeMs());
    }
}
