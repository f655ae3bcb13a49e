package dev.reelrank.bench.whole;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.bench.farm.PromptedRun;
import dev.reelrank.bench.process.FlowMain;
import dev.reelrank.bench.process.JavaProcess;
import dev.reelrank.bench.waiting.WaitingWorker;
import dev.reelrank.bus.Connection;
import dev.reelrank.bus.EventPublisher;
import dev.reelrank.bus.EventReader;
import dev.reelrank.bus.TopicSetup;
import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.bus.trace.Tracing;
import dev.reelrank.client.farm.KeepAlive.Restart;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.RunUpdated;
import dev.reelrank.pipeline.event.SampleUpdated;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.worker.store.Stores;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * One sample with two seeds through a cluster that is already there: flow and a worker per stage as
 * processes, as a farm starts them, with stages that wait in the place of models. What is asserted
 * is what every cluster must give: each fact once, and one trace from the submitter to the grade.
 */
final class WholeSample {
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final EventCodec CODEC = new EventCodec();
    private static final List<StageName> STAGES =
            List.of(StageName.PROMPT, StageName.CANDIDATE, StageName.RANKING, StageName.GRADE);

    /** Spans are written to the log of the process, one line each. */
    private static final Map<String, String> TRACED = Map.of("OTEL_TRACES_EXPORTER", "console");

    private static final Pattern PORT =
            Pattern.compile(
                    "health and metrics at port (\\d+)|metrics on http:\\W+[^:]+:(\\d+)\\W");

    private final Connection connection;
    private final Path folder;

    WholeSample(Connection connection, Path folder) {
        this.connection = connection;
        this.folder = folder;
    }

    void shouldGoThroughEveryStageOnceAndInOneTrace() throws Exception {
        new TopicSetup(connection).ensure(2);
        var submission = PromptedRun.of(Map.of("fox", "a fox"), List.of(1L, 2L));
        var processes = new ArrayList<JavaProcess>();
        var tracing = Tracing.of("submitter", TRACED);
        try (tracing;
                var store = Stores.open(store());
                var publisher = new EventPublisher(connection, CODEC, tracing);
                var runs =
                        new EventReader(connection, CODEC, List.of(connection.topics().runs()))) {
            processes.add(flow());
            STAGES.forEach(stage -> processes.add(worker(stage)));
            submission.submit(publisher, store);
            awaitDone(runs, submission.runId());
            assertWhatIsWatchedIsExported();
        } finally {
            // Asked to end, so that their last spans are written.
            JavaProcess.closeAll(processes);
        }
        assertFacts(submission.runId());
        assertOneTrace();
    }

    private String store() {
        return folder.resolve("store").toString();
    }

    private JavaProcess flow() {
        return process(
                "flow",
                FlowMain.class,
                List.of("--state-dir", folder.resolve("flow").toString(), "--metrics-port", "0"));
    }

    private JavaProcess worker(StageName stage) {
        return process(
                stage.id(),
                WaitingWorker.class,
                List.of(
                        "--stage", stage.id(),
                        "--name", stage.id(),
                        "--store", store(),
                        "--models", folder.toString(),
                        "--lease-dir", folder.resolve("leases").toString(),
                        "--drain-timeout", "5s"));
    }

    private JavaProcess process(String name, Class<?> main, List<String> more) {
        var arguments = new ArrayList<>(List.of("--bootstrap", connection.bootstrap()));
        arguments.addAll(more);
        arguments.add("--end-with-parent");
        return JavaProcess.start(
                name, "128m", main, arguments, log(name), null, Restart.NEVER, TRACED);
    }

    private Path log(String name) {
        return folder.resolve(name + ".log");
    }

    private static void awaitDone(EventReader runs, String runId) {
        var limit = Instant.now().plus(PATIENCE);
        SampleUpdated sample = null;
        while (Instant.now().isBefore(limit)) {
            for (var stored : runs.poll(Duration.ofMillis(200))) {
                if (stored.event() instanceof SampleUpdated update
                        && update.runId().equals(runId)) {
                    sample = update;
                } else if (stored.event() instanceof RunUpdated update
                        && update.runId().equals(runId)
                        && update.status() == RunUpdated.Status.DONE) {
                    assertThat(update.failed()).isZero();
                    return;
                }
            }
        }
        throw new AssertionError("the run is not done; the sample's last status is " + sample);
    }

    private void assertFacts(String runId) {
        var topics = connection.topics();
        var counts = new LinkedHashMap<StageName, Integer>();
        try (var reader =
                new EventReader(connection, CODEC, STAGES.stream().map(topics::facts).toList())) {
            reader.readToEnd(
                    stored -> {
                        if (stored.event() instanceof StageFact fact
                                && fact.work().runId().equals(runId)) {
                            counts.merge(fact.work().stage(), 1, Integer::sum);
                        }
                    });
        }
        assertThat(counts)
                .containsOnly(
                        Map.entry(StageName.PROMPT, 1),
                        Map.entry(StageName.CANDIDATE, 2),
                        Map.entry(StageName.RANKING, 1),
                        Map.entry(StageName.GRADE, 1));
    }

    /** Dashboards, alerts and scaling name nothing that this farm does not export. */
    private void assertWhatIsWatchedIsExported() throws IOException, InterruptedException {
        var scraped = new StringBuilder(scrape("flow"));
        for (var stage : STAGES) {
            scraped.append(scrape(stage.id()));
        }
        assertThat(WatchedMetrics.missing(scraped.toString())).isEmpty();
        assertThat(WatchedMetrics.count()).isGreaterThan(25);
    }

    private String scrape(String process) throws IOException, InterruptedException {
        var port = PORT.matcher(Files.readString(log(process)));
        assertThat(port.find()).as("the port of %s in %s", process, log(process)).isTrue();
        var uri =
                URI.create(
                        "http://127.0.0.1:%s/metrics"
                                .formatted(port.group(1) == null ? port.group(2) : port.group(1)));
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString())
                .body();
    }

    /** The submitter's trace is the one that every worker's spans are of. */
    private void assertOneTrace() throws IOException {
        var traces = new TreeSet<String>();
        for (var stage : STAGES) {
            var spans = spans(stage);
            assertThat(spans)
                    .as("spans of %s, see %s", stage.id(), log(stage.id()))
                    .hasSize(stage.equals(StageName.CANDIDATE) ? 2 : 1);
            traces.addAll(spans);
        }
        assertThat(traces).as("traces of all stages").hasSize(1);
        assertThat(traces).containsExactly(submitted());
    }

    /** Trace ids of a stage's spans, as OpenTelemetry's console exporter writes them. */
    private List<String> spans(StageName stage) throws IOException {
        var span = Pattern.compile("'" + stage.id() + "' : ([0-9a-f]{32}) [0-9a-f]{16} CONSUMER");
        return span.matcher(Files.readString(log(stage.id())))
                .results()
                .map(found -> found.group(1))
                .toList();
    }

    /** The trace that the submission's record carries. */
    private String submitted() {
        return RecordHeaders.traceOf(connection, connection.topics().submissions());
    }
}
