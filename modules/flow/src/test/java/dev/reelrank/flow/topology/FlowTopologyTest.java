package dev.reelrank.flow.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.bus.Quarantine;
import dev.reelrank.bus.Topics;
import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.flow.FlowSettings;
import dev.reelrank.flow.Given;
import dev.reelrank.flow.sample.SamplePath;
import dev.reelrank.flow.sample.SampleState;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.DeadLetter;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.event.QualityStandards;
import dev.reelrank.pipeline.event.RetryRequested;
import dev.reelrank.pipeline.event.RunClosed;
import dev.reelrank.pipeline.event.RunDeleted;
import dev.reelrank.pipeline.event.RunOpened;
import dev.reelrank.pipeline.event.RunUpdated;
import dev.reelrank.pipeline.event.SampleUpdated;
import dev.reelrank.pipeline.event.SelectionMade;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.event.WorkItem;
import dev.reelrank.pipeline.stage.GradeRequest;
import dev.reelrank.pipeline.stage.PreferenceVersion;
import dev.reelrank.pipeline.stage.Stages;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FlowTopologyTest {
    private static final EventCodec CODEC = new EventCodec();
    private static final Topics TOPICS = new Topics("test.", Stages.STANDARD);
    private static final List<StageName> STAGES =
            List.of(StageName.PROMPT, StageName.CANDIDATE, StageName.RANKING, StageName.GRADE);

    private final QueueHeads heads = new QueueHeads();
    private final FlowMetrics metrics =
            new FlowMetrics(new SimpleMeterRegistry(), new Topics("", Stages.STANDARD));
    private final Map<String, TestOutputTopic<String, byte[]>> outputs = new HashMap<>();
    private TopologyTestDriver driver;
    private Path folder;

    @BeforeEach
    void start(@TempDir Path at) {
        folder = at;
        start(Duration.ofHours(1), Placement.ANY);
    }

    private void start(Duration quarantineAfter, Placement placement) {
        if (driver != null) {
            driver.close();
        }
        outputs.clear();
        var settings = FlowSettings.DEFAULT.withKeepPayloads(Duration.ofHours(1)).withTuneEvery(2);
        var topology =
                new FlowTopology(
                                settings,
                                SamplePath.STANDARD,
                                TOPICS,
                                CODEC,
                                heads,
                                metrics,
                                Given.FLOW,
                                placement,
                                new Quarantine(quarantineAfter))
                        .build();
        var properties = new Properties();
        properties.put("application.id", "test.flow");
        properties.put("bootstrap.servers", "none:1");
        properties.put("state.dir", folder.toString());
        driver = new TopologyTestDriver(topology, properties, Given.NOW);
    }

    @AfterEach
    void close() {
        driver.close();
    }

    @Test
    void shouldLeadARunFromSubmissionToDone() {
        send(new RunOpened("run-1", Given.configuration(1L, 2L), null, Given.NOW));
        send(Given.sample("s1", 1L, 2L));
        send(Given.sample("s2", 1L, 2L));
        send(new RunClosed("run-1", "submission-1", 2, Given.NOW));
        for (var stage : STAGES) {
            work(stage).forEach(item -> send(Given.success(item)));
        }
        assertThat(events(TOPICS.samples())).hasSize(2);
        assertThat(events(TOPICS.facts(StageName.PROMPT))).hasSize(2);
        assertThat(events(TOPICS.facts(StageName.CANDIDATE))).hasSize(4);
        assertThat(events(TOPICS.facts(StageName.RANKING))).hasSize(2);
        assertThat(events(TOPICS.facts(StageName.GRADE)))
                .extracting(e -> ((StageFact) e).work().sampleId())
                .containsExactlyInAnyOrder("s1", "s2");
        var run = run();
        assertThat(run.status()).isEqualTo(RunUpdated.Status.DONE);
        assertThat(run.done()).isEqualTo(2);
    }

    @Test
    void shouldMakeNothingForARunThatWasDeleted() {
        send(new RunOpened("run-1", Given.configuration(1L), null, Given.NOW));
        send(Given.sample("s1", 1L));
        send(new RunClosed("run-1", "submission-1", 1, Given.NOW));
        for (var stage : STAGES) {
            work(stage).forEach(item -> send(Given.success(item)));
        }
        send(new RunDeleted("run-1", "somebody", Given.NOW));
        assertThat(run().status()).isEqualTo(RunUpdated.Status.DELETED);
        // In a farm the topic itself tells; the test driver has no loop from an output.
        driver.<String, Long>getKeyValueStore(StoreNames.DONE_RUNS)
                .put("run-1", GlobalStores.DELETED);

        send(Given.sample("s2", 1L));
        send(new RetryRequested("run-1", "s1", "somebody", Given.NOW));

        assertThat(work(StageName.PROMPT)).isEmpty();
        assertThat(events(TOPICS.runs()))
                .filteredOn(SampleUpdated.class::isInstance)
                .extracting(e -> ((SampleUpdated) e).failure().message())
                .allMatch(m -> m.contains("run run-1 was deleted"));
    }

    @Test
    void shouldRefuseAPromptThatItsStateCouldNotHold() {
        send(new RunOpened("run-1", Given.configuration(1L), null, Given.NOW));
        var large =
                Given.sample(
                        "s1", "\u0001".repeat(400_000), null, Given.configuration(1L), List.of());
        send(large);
        send(new RunClosed("run-1", "submission-1", 1, Given.NOW));

        assertThat(events(TOPICS.dead(StageName.PROMPT)))
                .singleElement()
                .isInstanceOfSatisfying(
                        DeadLetter.class,
                        d -> {
                            assertThat(d.code()).isEqualTo(FailureCode.INVALID_SAMPLE);
                            assertThat(d.message()).contains("shorten its texts");
                        });
        var ended = run();
        assertThat(ended.status()).isEqualTo(RunUpdated.Status.DONE);
        assertThat(ended.failed()).isEqualTo(1);
    }

    @Test
    void shouldMakeDeadLettersOfBytesThatAreNoEvent() {
        input(TOPICS.submissions()).pipeInput("x", new byte[] {1, 2, 3});
        input(TOPICS.results(StageName.RANKING)).pipeInput("x", new byte[] {9});
        assertThat(events(TOPICS.dead(StageName.PROMPT)))
                .singleElement()
                .isInstanceOfSatisfying(
                        DeadLetter.class,
                        d -> {
                            assertThat(d.code()).isEqualTo(FailureCode.UNDECODABLE);
                            assertThat(d.payload()).containsExactly(1, 2, 3);
                            assertThat(d.source()).isEqualTo("test.submissions-0@0");
                        });
        assertThat(events(TOPICS.dead(StageName.RANKING))).hasSize(1);
    }

    @Test
    void shouldHandOnTheDeadLettersOfRecordsThatWorkersCouldNotRead() {
        var letter =
                new DeadLetter(
                        null,
                        FailureCode.UNDECODABLE,
                        "no event",
                        null,
                        1,
                        List.of("p1"),
                        null,
                        new byte[] {4},
                        "test.work.ranking-0@17",
                        Given.NOW);
        input(TOPICS.results(StageName.RANKING)).pipeInput("any", CODEC.encode(letter));
        assertThat(events(TOPICS.dead(StageName.RANKING)))
                .singleElement()
                .usingRecursiveComparison()
                .isEqualTo(letter);
    }

    @Test
    void shouldMakeDeadLettersOfEventsInTheWrongPlace() {
        var input = input(TOPICS.submissions());
        input.pipeInput("elsewhere", CODEC.encode(Given.sample("s1", 1L)));
        send(Given.sample("s2", 1L));
        var result = Given.success(work(StageName.PROMPT).get(0));
        input.pipeInput("run-1/s2", CODEC.encode(result));
        assertThat(events(TOPICS.dead(StageName.PROMPT)))
                .extracting(e -> ((DeadLetter) e).message())
                .satisfiesExactly(
                        m ->
                                assertThat(m)
                                        .contains("its key is 'elsewhere', it must be 'run-1/s1'"),
                        m -> assertThat(m).contains("is on test.submissions, but belongs on"));
    }

    @Test
    void shouldStopAtASchemaThatIsNewerThanThisBuildAndDropNothing() {
        var newer = CODEC.encode(Given.sample("s1", 1L));
        newer[5] ^= 0x55;
        var input = input(TOPICS.submissions());
        assertThatThrownBy(() -> input.pipeInput("run-1/s1", newer))
                .hasRootCauseInstanceOf(StageException.class)
                .hasStackTraceContaining(NewerSchemaException.class.getName());
        assertThat(events(TOPICS.dead(StageName.PROMPT))).isEmpty();
    }

    @Test
    void shouldEmitAgainWhatTheQueueNoLongerHoldsAndNothingElse() {
        send(Given.sample("s1", 1L));
        driver.advanceWallClockTime(Duration.ofSeconds(20));
        send(Given.sample("s2", 1L));
        assertThat(work(StageName.PROMPT)).hasSize(2);
        // How far the queue is settled is unknown.
        driver.advanceWallClockTime(Duration.ofHours(3));
        assertThat(work(StageName.PROMPT)).isEmpty();
        // The oldest record owed is that of s2: the one of s1 is gone.
        heads.oldestOwed(StageName.PROMPT, Given.NOW.plusSeconds(20));
        driver.advanceWallClockTime(Duration.ofSeconds(4));
        assertThat(work(StageName.PROMPT))
                .singleElement()
                .satisfies(
                        i -> {
                            assertThat(i.work().sampleId()).isEqualTo("s1");
                            assertThat(i.emission()).isEqualTo(2);
                        });
        driver.advanceWallClockTime(Duration.ofHours(3));
        assertThat(work(StageName.PROMPT)).isEmpty();
    }

    @Test
    void shouldNotEmitAgainBeforeItHasReadTheOutcomesThatAreThere() {
        send(Given.sample("s1", 1L));
        var item = work(StageName.PROMPT).get(0);
        driver.advanceWallClockTime(Duration.ofMinutes(10));
        heads.oldestOwed(StageName.PROMPT, Given.NOW.plusSeconds(590));
        // A backlog: a record that was written minutes ago is read only now.
        sendAt(Given.retry("s1"), Given.NOW.plusSeconds(1));
        driver.advanceWallClockTime(Duration.ofSeconds(2));
        sendAt(Given.success(item), Given.NOW.plusSeconds(2));
        driver.advanceWallClockTime(Duration.ofSeconds(10));
        assertThat(work(StageName.PROMPT)).isEmpty();
        assertThat(work(StageName.CANDIDATE)).hasSize(1);
    }

    @Test
    void shouldRemoveThePayloadsOfRunsThatAreLongDoneAndKeepTheirStatus() {
        var sample = Given.sample("s1", 1L);
        send(new RunOpened("run-1", sample.configuration(), null, Given.NOW));
        send(sample);
        send(Given.failure(work(StageName.PROMPT).get(0), "p1", FailureCode.UNREADABLE_IMAGE));
        send(new RunClosed("run-1", "submission-1", 1, Given.NOW));
        // The driver does not feed what is written back into global stores.
        input(TOPICS.runs()).pipeInput("run-1", CODEC.encode(run()));
        driver.advanceWallClockTime(Duration.ofMinutes(30));
        assertThat(state().submission()).isNotNull();
        driver.advanceWallClockTime(Duration.ofMinutes(31));
        assertThat(state().submission()).isNull();
        assertThat(state().told().failure().code()).isEqualTo(FailureCode.UNREADABLE_IMAGE);
        send(Given.retry("s1"));
        send(sample);
        assertThat(work(StageName.PROMPT)).isEmpty();
    }

    @Test
    void shouldPutThePreferenceModelInForceIntoEveryGradeRequest() {
        var version = new PreferenceVersion(3, Given.blob("model"));
        var standards = new QualityStandards(version, Map.of(), 0, List.of(), 9, Given.NOW);
        input(TOPICS.qualityStandards()).pipeInput(Topics.PREFERENCE_KEY, CODEC.encode(standards));
        send(Given.sample("s1", 1L));
        for (var stage : STAGES.subList(0, 3)) {
            work(stage).forEach(item -> send(Given.success(item)));
        }
        assertThat(((GradeRequest) work(StageName.GRADE).get(0).request()).preference())
                .isEqualTo(version);
    }

    @Test
    void shouldTrainFromSelections() {
        for (int i = 0; i < 2; i++) {
            send(new SelectionMade("t", "r", "s", 1, 2, Given.pair("sel-" + i), "me", Given.NOW));
        }
        send(Given.success(work(StageName.TUNE).get(0)));
        assertThat(events(TOPICS.facts(StageName.TUNE))).hasSize(1);
        assertThat(events(TOPICS.qualityStandards()))
                .singleElement()
                .isInstanceOfSatisfying(
                        QualityStandards.class,
                        q -> assertThat(q.preference().version()).isEqualTo(1));
    }

    @Test
    void shouldCarryTheTraceContextFromEventToEvent() {
        var sample = Given.sample("s1", 1L);
        var headers = new RecordHeaders();
        headers.add("traceparent", new byte[] {7}).add("other", new byte[] {8});
        input(TOPICS.submissions())
                .pipeInput(new TestRecord<>("run-1/s1", CODEC.encode(sample), headers, Given.NOW));
        var written = output(TOPICS.work(StageName.PROMPT)).readRecord();
        assertThat(written.headers()).extracting(h -> h.key()).containsExactly("traceparent");
        // What vanishes and is emitted again belongs to the same trace.
        heads.oldestOwed(StageName.PROMPT, Given.NOW.plusSeconds(60));
        driver.advanceWallClockTime(Duration.ofMinutes(2));
        var again = output(TOPICS.work(StageName.PROMPT)).readRecord();
        assertThat(again.headers()).isEqualTo(written.headers());
    }

    @Test
    void shouldKeepStateOverItsBytesAndRefuseANewerFormat() {
        send(Given.sample("s1", 1L, 2L));
        work(StageName.PROMPT).forEach(i -> send(Given.success(i)));
        var candidates = work(StageName.CANDIDATE);
        send(Given.success(candidates.get(0)));
        send(Given.failure(candidates.get(1), "p1", FailureCode.INTERNAL_ERROR));
        var serde = new StateSerde<>(SampleState.class, Stages.STANDARD);
        var state = state();
        assertThat(serde.deserializer().deserialize("t", serde.serializer().serialize("t", state)))
                .isEqualTo(state);
        assertThatThrownBy(() -> serde.deserializer().deserialize("t", new byte[] {2, '{', '}'}))
                .hasMessageContaining("upgrade");
    }

    @Test
    void shouldGoOnBehindARecordThatANewerBuildWrote() {
        start(Duration.ZERO, Placement.ANY);
        var newer = CODEC.encode(Given.sample("s1", 1L));
        newer[5] ^= 0x55;
        for (var topic :
                List.of(
                        TOPICS.submissions(),
                        TOPICS.results(StageName.GRADE),
                        TOPICS.selections(),
                        TOPICS.results(StageName.TUNE))) {
            input(topic).pipeInput("run-1/s9", newer);
        }
        send(Given.sample("s2", 1L));

        assertThat(work(StageName.PROMPT)).hasSize(1);
        for (var stage : List.of(StageName.PROMPT, StageName.GRADE)) {
            var letter = (DeadLetter) events(TOPICS.dead(stage)).get(0);
            assertThat(letter.code()).isEqualTo(FailureCode.UNKNOWN_SCHEMA);
            assertThat(letter.payload()).isEqualTo(newer);
            assertThat(letter.source()).isNotNull();
        }
        assertThat(events(TOPICS.dead(StageName.TUNE))).hasSize(2);
    }

    @Test
    void shouldMoveWhatAClientWithAnotherPartitionerPutInTheWrongPlaceAndOnlyOnce() {
        var topic = TOPICS.submissions();
        int partitions = 2;
        while (new Placement(Map.of(topic, partitions)).right(topic, "run-1/s1", 0)) {
            partitions++;
        }
        start(Duration.ofHours(1), new Placement(Map.of(topic, partitions)));
        var bytes = CODEC.encode(Given.sample("s1", 1L));
        input(topic).pipeInput("run-1/s1", bytes);

        assertThat(work(StageName.PROMPT)).isEmpty();
        var moved = output(topic).readRecord();
        assertThat(moved.value()).isEqualTo(bytes);
        assertThat(moved.headers().lastHeader(Inbox.MOVED)).isNotNull();
        input(topic).pipeInput(new TestRecord<>("run-1/s1", bytes, moved.headers()));
        var letter = (DeadLetter) events(TOPICS.dead(StageName.PROMPT)).get(0);
        assertThat(letter.message()).contains("partition");
        assertThat(output(topic).isEmpty()).as("moved once, not for ever").isTrue();
    }

    @Test
    void shouldEndARunWhoseSubmissionBecameADeadLetter() {
        send(new RunOpened("run-1", Given.configuration(1L), null, Given.NOW));
        send(Given.sample("s1", 1L));
        input(TOPICS.submissions()).pipeInput("run-1/s2", new byte[] {1, 2, 3});
        var lost = Given.sample("s3", 1L);
        input(TOPICS.submissions()).pipeInput("another key", CODEC.encode(lost));
        send(new RunClosed("run-1", "submission-1", 3, Given.NOW));
        for (var stage : STAGES) {
            work(stage).forEach(item -> send(Given.success(item)));
        }

        var told = events(TOPICS.runs());
        var run =
                told.stream()
                        .filter(RunUpdated.class::isInstance)
                        .map(RunUpdated.class::cast)
                        .reduce((a, b) -> b)
                        .orElseThrow();
        assertThat(run.status()).isEqualTo(RunUpdated.Status.DONE);
        assertThat(run.done()).isEqualTo(1);
        assertThat(run.failed()).isEqualTo(2);
        assertThat(told)
                .filteredOn(SampleUpdated.class::isInstance)
                .extracting(SampleUpdated.class::cast)
                .filteredOn(s -> s.status() == SampleUpdated.Status.FAILED)
                .allSatisfy(s -> assertThat(s.failure().code()).isEqualTo(FailureCode.UNDECODABLE))
                .extracting(SampleUpdated::sampleId)
                .containsExactlyInAnyOrder("s2", "s3");
    }

    private SampleState state() {
        return driver.<String, SampleState>getKeyValueStore(StoreNames.SAMPLES).get("run-1/s1");
    }

    private RunUpdated run() {
        return events(TOPICS.runs()).stream()
                .filter(RunUpdated.class::isInstance)
                .map(RunUpdated.class::cast)
                .reduce((a, b) -> b)
                .orElseThrow();
    }

    private List<WorkItem> work(StageName stage) {
        return events(TOPICS.work(stage)).stream().map(WorkItem.class::cast).toList();
    }

    /** An event written just now, or at least long after anything that could be a backlog. */
    private void send(Event event) {
        sendAt(event, Given.NOW.plus(Duration.ofDays(30)));
    }

    private void sendAt(Event event, Instant at) {
        var route = TOPICS.route(event);
        input(route.topic()).pipeInput(route.key(), CODEC.encode(event), at);
    }

    private TestInputTopic<String, byte[]> input(String topic) {
        return driver.createInputTopic(topic, new StringSerializer(), new ByteArraySerializer());
    }

    private List<Event> events(String topic) {
        var events = new ArrayList<Event>();
        output(topic).readValuesToList().forEach(bytes -> events.add(CODEC.decode(bytes)));
        return events;
    }

    private TestOutputTopic<String, byte[]> output(String topic) {
        return outputs.computeIfAbsent(
                topic,
                t ->
                        driver.createOutputTopic(
                                t, new StringDeserializer(), new ByteArrayDeserializer()));
    }
}
