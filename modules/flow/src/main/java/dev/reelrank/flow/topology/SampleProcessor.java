package dev.reelrank.flow.topology;

import dev.reelrank.bus.Topics;
import dev.reelrank.flow.AutoAlign;
import dev.reelrank.flow.Decision;
import dev.reelrank.flow.Effect;
import dev.reelrank.flow.FlowSettings;
import dev.reelrank.flow.RunInput;
import dev.reelrank.flow.adapter.PairDraw;
import dev.reelrank.flow.sample.SampleFlow;
import dev.reelrank.flow.sample.SampleState;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.event.CancelRequested;
import dev.reelrank.pipeline.event.DeadLetter;
import dev.reelrank.pipeline.event.QualityStandards;
import dev.reelrank.pipeline.event.RetryRequested;
import dev.reelrank.pipeline.event.RunClosed;
import dev.reelrank.pipeline.event.RunDeleted;
import dev.reelrank.pipeline.event.RunOpened;
import dev.reelrank.pipeline.event.SampleSubmitted;
import dev.reelrank.pipeline.event.WorkReport;
import dev.reelrank.pipeline.stage.PreferenceVersion;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/** Keeps the state of the samples of one partition and does what {@link SampleFlow} decides. */
final class SampleProcessor implements Processor<String, byte[], String, Outgoing> {
    private static final Duration LOOK_FOR_VANISHED = Duration.ofSeconds(2);
    private static final Duration LOOK_FOR_PAYLOADS = Duration.ofSeconds(10);

    /**
     * A backlog is taken to be real for this many times the time after which work is emitted again.
     */
    private static final int BACKLOG_PATIENCE = 10;

    private final FlowSettings settings;
    private final SampleFlow flow;
    private final Inbox inbox;
    private final Topics topics;
    private final QueueHeads heads;
    private final FlowMetrics metrics;
    private final OpenWork open;

    /** Null where flow trains no adapter on rankings by itself. */
    private final @Nullable PairDraw draw;

    /** Samples that are terminal and still have their payload, by run. */
    private final Map<String, Set<String>> payloads = new HashMap<>();

    private Backlog backlog;
    private Outbox outbox;
    private ProcessorContext<String, Outgoing> context;
    private KeyValueStore<String, SampleState> samples;
    private KeyValueStore<String, QualityStandards> standards;
    private KeyValueStore<String, Long> doneRuns;

    SampleProcessor(
            FlowSettings settings,
            SampleFlow flow,
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
        var ranked = settings.align().from(AutoAlign.RANKING);
        this.draw = ranked.isEmpty() ? null : new PairDraw(ranked);
    }

    @Override
    public void init(ProcessorContext<String, Outgoing> given) {
        context = given;
        outbox = new Outbox(given, topics, metrics);
        samples = given.getStateStore(StoreNames.SAMPLES);
        standards = given.getStateStore(StoreNames.STANDARDS);
        doneRuns = given.getStateStore(StoreNames.DONE_RUNS);
        try (var all = samples.all()) {
            while (all.hasNext()) {
                var entry = all.next();
                index(entry.key, null, entry.value);
            }
        }
        backlog = new Backlog(now(), settings.reemitAfter().multipliedBy(BACKLOG_PATIENCE));
        given.schedule(LOOK_FOR_VANISHED, PunctuationType.WALL_CLOCK_TIME, t -> emitVanished());
        given.schedule(LOOK_FOR_PAYLOADS, PunctuationType.WALL_CLOCK_TIME, t -> removePayloads());
    }

    @Override
    public void process(Record<String, byte[]> record) {
        MDC.put("key", record.key());
        try {
            decide(record);
        } finally {
            MDC.remove("key");
        }
    }

    private void decide(Record<String, byte[]> record) {
        var now = now();
        backlog.read(Instant.ofEpochMilli(record.timestamp()), now);
        var source = context.recordMetadata().orElseThrow();
        var received = inbox.receive(record, source, now);
        if (received.dead() != null) {
            outbox.undecodable(received.dead(), now);
            refused(record, received, now);
            return;
        }
        if (received.moved() != null) {
            outbox.moved(received.moved(), record, now);
            return;
        }
        var event = received.event();
        if (event instanceof RunOpened e) {
            outbox.toRun(new Outgoing.ToRun(new RunInput.Opened(e)), record.headers(), now);
        } else if (event instanceof RunClosed e) {
            outbox.toRun(new Outgoing.ToRun(new RunInput.Closed(e)), record.headers(), now);
        } else if (event instanceof RunDeleted e) {
            outbox.toRun(new Outgoing.ToRun(new RunInput.Deleted(e)), record.headers(), now);
        } else if (event instanceof SampleSubmitted e && deleted(e.runId())) {
            tooLate(record, e.runId(), e.sampleId(), e.submissionId(), now);
        } else if (event instanceof RetryRequested e && deleted(e.runId())) {
            tooLate(record, e.runId(), e.sampleId(), null, now);
        } else if (event instanceof SampleSubmitted e) {
            begin(record, (state, preference) -> flow.submitted(state, e, preference, now), now);
        } else if (event instanceof RetryRequested e) {
            begin(record, (state, preference) -> flow.retried(state, e, preference, now), now);
        } else if (event instanceof CancelRequested e) {
            begin(record, (state, preference) -> flow.cancelled(state, e, preference, now), now);
        } else if (event instanceof WorkReport e) {
            metrics.reported(e.work().stage(), e.body().getClass().getSimpleName());
            decide(record, (state, preference) -> flow.reported(state, e, preference, now), now);
        }
    }

    private boolean deleted(String runId) {
        var ended = doneRuns.get(runId);
        return ended != null && ended == GlobalStores.DELETED;
    }

    private void tooLate(
            Record<String, byte[]> record,
            String runId,
            String sampleId,
            @Nullable String submissionId,
            Instant now) {
        var refusal =
                new Refusal(
                        runId,
                        sampleId,
                        submissionId,
                        FailureCode.INVALID_SAMPLE,
                        "run %s was deleted: submit to another run".formatted(runId));
        outbox.write(
                refusal.effects(topics.stages().ofSample().get(0), now), record.headers(), now);
    }

    /** A sample that was refused has ended for its run, which would wait for it otherwise. */
    private void refused(Record<String, byte[]> record, Inbox.Received received, Instant now) {
        var source = context.recordMetadata().orElseThrow();
        if (!source.topic().equals(topics.submissions()) || received.dead() == null) {
            return;
        }
        var letter = (DeadLetter) received.dead().event();
        var refusal = Refusal.of(record.key(), received.refused(), letter);
        if (refusal != null && samples.get(refusal.key()) == null) {
            outbox.write(
                    refusal.effects(topics.stages().ofSample().get(0), now), record.headers(), now);
        }
    }

    @Override
    public void close() {
        open.clear();
    }

    /** A decision about one sample. */
    private interface Step {
        Decision<SampleState> decide(@Nullable SampleState state, PreferenceVersion preference);
    }

    private void decide(Record<String, byte[]> record, Step step, Instant now) {
        var decision = keep(record.key(), null, step);
        outbox.write(decision, record.headers(), now);
    }

    /** A client requests something: what follows is part of its trace. */
    private void begin(Record<String, byte[]> record, Step step, Instant now) {
        var decision = keep(record.key(), Outbox.trace(record.headers()), step);
        outbox.write(decision, record.headers(), now);
    }

    /**
     * @param trace that the sample is part of from now on, null to leave that as it is
     */
    private List<Effect> keep(String key, @Nullable String trace, Step step) {
        var before = samples.get(key);
        var decision = step.decide(before, preference());
        var after = decision.state();
        if (after != null) {
            var known = before == null ? null : before.trace();
            after = after.withTrace(trace != null ? trace : known);
        }
        if (after != null && !after.equals(before)) {
            samples.put(key, after);
            index(key, before, after);
        }
        return after == null || draw == null
                ? decision.effects()
                : draw.with(after, decision.effects(), now());
    }

    private void index(String key, @Nullable SampleState before, SampleState after) {
        open.replace(key, before == null ? List.of() : before.open(), after.open());
        var runId = after.told().runId();
        if (after.terminal() && after.submission() != null) {
            payloads.computeIfAbsent(runId, r -> new HashSet<>()).add(key);
        } else {
            payloads.computeIfPresent(
                    runId,
                    (r, keys) -> {
                        keys.remove(key);
                        return keys.isEmpty() ? null : keys;
                    });
        }
    }

    private void emitVanished() {
        var now = now();
        if (backlog.behind(now)) {
            return;
        }
        open.vanished(heads, settings.emissionMargin(), settings.reemitAfter(), now)
                .forEach(
                        (key, workIds) ->
                                outbox.write(
                                        keep(
                                                key,
                                                null,
                                                (state, preference) ->
                                                        flow.vanished(
                                                                Objects.requireNonNull(state),
                                                                workIds,
                                                                preference,
                                                                now)),
                                        traced(key),
                                        now));
    }

    /**
     * Work that is emitted again after some time is part of the trace of the sample's last request.
     */
    private Headers traced(String key) {
        var state = samples.get(key);
        return Outbox.headers(state == null ? null : state.trace());
    }

    private void removePayloads() {
        var limit = now().minus(settings.keepPayloads()).toEpochMilli();
        for (var run : new ArrayList<>(payloads.keySet())) {
            var doneAt = doneRuns.get(run);
            if (doneAt != null && doneAt <= limit) {
                for (var key : new ArrayList<>(payloads.get(run))) {
                    keep(
                            key,
                            null,
                            (state, preference) ->
                                    new Decision<>(
                                            Objects.requireNonNull(state).withoutPayload(),
                                            List.of()));
                }
            }
        }
    }

    private PreferenceVersion preference() {
        var current = standards.get(Topics.PREFERENCE_KEY);
        return current == null ? PreferenceVersion.NONE : current.preference();
    }

    private Instant now() {
        // Events keep times to the microsecond; what is compared must not be finer.
        return Instant.ofEpochMilli(context.currentSystemTimeMs());
    }
}
