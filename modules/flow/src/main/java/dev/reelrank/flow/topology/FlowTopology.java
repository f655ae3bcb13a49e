package dev.reelrank.flow.topology;

import dev.reelrank.bus.Quarantine;
import dev.reelrank.bus.Topics;
import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.flow.FlowSettings;
import dev.reelrank.flow.RunInput;
import dev.reelrank.flow.adapter.AdapterFlow;
import dev.reelrank.flow.beside.BesideFlow;
import dev.reelrank.flow.beside.BesideState;
import dev.reelrank.flow.preference.PreferenceFlow;
import dev.reelrank.flow.preference.PreferenceState;
import dev.reelrank.flow.run.RunState;
import dev.reelrank.flow.run.SampleMark;
import dev.reelrank.flow.sample.SampleFlow;
import dev.reelrank.flow.sample.SamplePath;
import dev.reelrank.flow.sample.SampleState;
import dev.reelrank.flow.work.WorkJudge;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.Producer;
import dev.reelrank.pipeline.event.QualityStandards;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * How flow is wired: samples by run and sample, runs by run behind an internal topic, preferences
 * on one partition, other work beside the samples by what it is about.
 *
 * <pre>
 *  submissions, results.* of the stages of a sample
 *      → samples ──→ facts, work.*, dead.*, runs
 *            └─────→ (internal topic keyed by run) → runs ──→ runs
 *  selections, results.tune
 *      → preferences ──→ work.tune, tunings, dead.tune, quality.standards
 *  requests, results.* of the stages that are asked there
 *      → beside ──→ facts, work.*, dead.*, adapters
 * </pre>
 *
 * <p>Stores are in memory with a changelog. The names of nodes and stores stand in internal topics:
 * changing one starts it empty.
 */
public final class FlowTopology {
    private final FlowSettings settings;
    private final SamplePath path;
    private final Topics topics;
    private final EventCodec codec;
    private final QueueHeads heads;
    private final FlowMetrics metrics;
    private final Producer self;
    private final Placement placement;
    private final Quarantine quarantine;
    private final Serde<String> text = Serdes.String();
    private final Serde<byte[]> bytes = Serdes.ByteArray();

    /**
     * @param path what a sample asks of the stages that the topics are for
     * @param heads how far the queues are settled; QueueWatch updates it
     * @param self signs what flow itself says
     * @param placement where keys belong
     * @param quarantine how long what a newer build wrote is waited with
     */
    public FlowTopology(
            FlowSettings settings,
            SamplePath path,
            Topics topics,
            EventCodec codec,
            QueueHeads heads,
            FlowMetrics metrics,
            Producer self,
            Placement placement,
            Quarantine quarantine) {
        this.settings = settings;
        this.path = path;
        this.topics = topics;
        this.codec = codec;
        this.heads = heads;
        this.metrics = metrics;
        this.self = self;
        this.placement = placement;
        this.quarantine = quarantine;
    }

    public Topology build() {
        var builder = new StreamsBuilder();
        builder.addGlobalStore(
                store(StoreNames.STANDARDS, serde(QualityStandards.class)).withLoggingDisabled(),
                topics.qualityStandards(),
                Consumed.with(text, bytes).withName("standards-source"),
                () -> GlobalStores.standards(codec));
        builder.addGlobalStore(
                store(StoreNames.DONE_RUNS, Serdes.Long()).withLoggingDisabled(),
                topics.runs(),
                Consumed.with(text, bytes).withName("done-runs-source"),
                () -> GlobalStores.doneRuns(codec));
        samples(builder);
        preferences(builder);
        if (!topics.stages().requested().isEmpty()) {
            beside(builder);
        }
        return builder.build();
    }

    private void samples(StreamsBuilder builder) {
        var inbox = new Inbox(topics, codec, placement, quarantine);
        var flow = new SampleFlow(path, settings.limits(), self);
        var inputs = new ArrayList<String>();
        inputs.add(topics.submissions());
        topics.stages().ofSample().forEach(stage -> inputs.add(topics.results(stage)));
        KStream<String, Outgoing> outgoing =
                builder.stream(inputs, Consumed.with(text, bytes).withName("sample-inputs"))
                        .process(
                                withStores(
                                        () ->
                                                new SampleProcessor(
                                                        settings, flow, inbox, topics, heads,
                                                        metrics),
                                        store(StoreNames.SAMPLES, serde(SampleState.class))),
                                Named.as("sample-decisions"));
        publish(outgoing, "sample");
        KStream<String, Outgoing> ofRuns =
                outgoing.filter((key, out) -> out instanceof Outgoing.ToRun, Named.as("of-runs"))
                        .mapValues(out -> ((Outgoing.ToRun) out).input(), Named.as("to-run"))
                        .repartition(
                                Repartitioned.<String, RunInput>as("run-inputs")
                                        .withKeySerde(text)
                                        .withValueSerde(serde(RunInput.class)))
                        .process(
                                withStores(
                                        () -> new RunProcessor(topics, metrics),
                                        store(StoreNames.RUNS, serde(RunState.class)),
                                        store(StoreNames.MARKS, serde(SampleMark.class))),
                                Named.as("run-decisions"));
        publish(ofRuns, "run");
    }

    private void preferences(StreamsBuilder builder) {
        var inbox = new Inbox(topics, codec, placement, quarantine);
        var flow =
                new PreferenceFlow(
                        new WorkJudge(settings.limits(), topics.stages()),
                        settings.tuneEvery(),
                        settings.tune(),
                        settings.align());
        var inputs = List.of(topics.selections(), topics.results(StageName.TUNE));
        publish(
                builder.stream(inputs, Consumed.with(text, bytes).withName("preference-inputs"))
                        .process(
                                withStores(
                                        () ->
                                                new WorkProcessor<>(
                                                        StoreNames.PREFERENCES,
                                                        new PreferenceDecider(flow),
                                                        settings,
                                                        inbox,
                                                        topics,
                                                        heads,
                                                        metrics),
                                        store(
                                                StoreNames.PREFERENCES,
                                                serde(PreferenceState.class))),
                                Named.as("preference-decisions")),
                "preference");
    }

    private void beside(StreamsBuilder builder) {
        var inbox = new Inbox(topics, codec, placement, quarantine);
        var flow = new BesideFlow(new WorkJudge(settings.limits(), topics.stages()));
        var adapters = new AdapterFlow(flow, settings.align());
        var inputs = new ArrayList<String>();
        inputs.add(topics.requests());
        topics.stages().requested().forEach(stage -> inputs.add(topics.results(stage)));
        publish(
                builder.stream(inputs, Consumed.with(text, bytes).withName("beside-inputs"))
                        .process(
                                withStores(
                                        () ->
                                                new WorkProcessor<>(
                                                        StoreNames.BESIDE,
                                                        new BesideDecider(flow, adapters),
                                                        settings,
                                                        inbox,
                                                        topics,
                                                        heads,
                                                        metrics),
                                        store(StoreNames.BESIDE, serde(BesideState.class))),
                                Named.as("beside-decisions")),
                "beside");
    }

    private void publish(KStream<String, Outgoing> outgoing, String name) {
        Serializer<Outgoing> events =
                (topic, out) -> codec.encode(((Outgoing.ToTopic) out).event());
        Serde<Outgoing> serde =
                Serdes.serdeFrom(
                        events,
                        (topic, data) -> {
                            throw new UnsupportedOperationException("only written, never read");
                        });
        outgoing.filter((key, out) -> out instanceof Outgoing.ToTopic, Named.as(name + "-events"))
                .to(
                        (key, out, context) -> ((Outgoing.ToTopic) out).topic(),
                        Produced.with(text, serde).withName(name + "-sink"));
    }

    private <T> StateSerde<T> serde(Class<T> type) {
        return new StateSerde<>(type, topics.stages());
    }

    private static <V> StoreBuilder<KeyValueStore<String, V>> store(String name, Serde<V> serde) {
        return Stores.keyValueStoreBuilder(
                Stores.inMemoryKeyValueStore(name), Serdes.String(), serde);
    }

    private static <K, V> ProcessorSupplier<K, V, String, Outgoing> withStores(
            Supplier<Processor<K, V, String, Outgoing>> maker, StoreBuilder<?>... stores) {
        return new ProcessorSupplier<>() {
            @Override
            public Processor<K, V, String, Outgoing> get() {
                return maker.get();
            }

            @Override
            public Set<StoreBuilder<?>> stores() {
                return Set.of(stores);
            }
        };
    }
}
