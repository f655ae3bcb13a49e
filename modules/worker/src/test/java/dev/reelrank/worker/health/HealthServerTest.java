package dev.reelrank.worker.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.WorkReport.Failed;
import dev.reelrank.pipeline.event.WorkReport.Returned;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class HealthServerTest {
    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final StageMetrics metrics = new StageMetrics(registry, StageName.CANDIDATE);
    private final HealthServer server =
            HealthServer.start(
                    "127.0.0.1", 0, registry, () -> Map.of("candidate", metrics.state()));

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void shouldBeWellWhileWorkMakesProgressAndNotWhilePaused() throws Exception {
        metrics.state(WorkerState.WORKING);
        assertThat(get("/health").statusCode()).isEqualTo(200);
        metrics.state(WorkerState.PAUSED);
        var paused = get("/health");
        assertThat(paused.statusCode()).isEqualTo(503);
        assertThat(paused.body()).isEqualTo("{\"candidate\": \"paused\"}\n");
    }

    @Test
    void shouldExportWhatTheDocumentationNames() throws Exception {
        metrics.lag(7);
        metrics.inFlightSince(Instant.now().minusSeconds(60));
        metrics.reserved(1.5);
        metrics.peak(1000);
        metrics.loaded(2000);
        metrics.ended(
                new Failed(FailureCode.OUT_OF_DISK, "full", null, null, false), Duration.ZERO);
        metrics.ended(new Returned("ends"), Duration.ZERO);
        var text = get("/metrics").body();
        assertThat(text)
                .contains("reelrank_queue_lag{stage=\"candidate\"} 7.0")
                .containsPattern(
                        "inflight_oldest_seconds\\{stage=\"candidate\"} ([6-9]|1\\d)\\d\\.")
                .contains("reelrank_device_reserved_bytes{stage=\"candidate\"} 1.610612736E9")
                .contains("reelrank_device_peak_bytes{stage=\"candidate\"} 1000.0")
                .contains("reelrank_load_seconds_count{stage=\"candidate\"} 1")
                .contains("reelrank_load_seconds_sum{stage=\"candidate\"} 2.0")
                .contains(
                        "reelrank_items_total{code=\"OUT_OF_DISK\",outcome=\"failed\",stage=\"candidate\"} 1.0")
                .contains(
                        "reelrank_items_total{code=\"\",outcome=\"returned\",stage=\"candidate\"} 1.0");
    }

    @Test
    void shouldNameThePortThatIsTaken() {
        assertThatThrownBy(() -> HealthServer.start("127.0.0.1", server.port(), registry, Map::of))
                .isInstanceOf(StageException.class)
                .hasMessageContaining(Integer.toString(server.port()))
                .hasMessageContaining("--metrics-port");
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        var uri = URI.create("http://127.0.0.1:" + server.port() + path);
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }
}
