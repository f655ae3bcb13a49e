package dev.reelrank.worker.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.bus.process.HealthServer.Page;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.Computation;
import dev.reelrank.pipeline.event.WorkReport.Failed;
import dev.reelrank.pipeline.event.WorkReport.Returned;
import dev.reelrank.pipeline.event.WorkReport.Succeeded;
import dev.reelrank.pipeline.stage.CandidateResult;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class StageMetricsTest {
    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final StageMetrics metrics =
            new StageMetrics(registry, StageName.CANDIDATE, "NVIDIA H200");

    @Test
    void shouldBeWellWhileWorkMakesProgressAndNotWhilePaused() {
        metrics.state(WorkerState.WORKING);
        assertThat(health().status()).isEqualTo(200);
        metrics.state(WorkerState.PAUSED);
        var paused = health();
        assertThat(paused.status()).isEqualTo(503);
        assertThat(paused.text()).isEqualTo("{\"candidate\": \"paused\"}\n");
    }

    @Test
    void shouldExportWhatTheDocumentationNames() {
        metrics.inFlight(Duration.ofSeconds(60));
        metrics.reserved(1.5);
        metrics.peak(1000);
        metrics.loaded("fox-video", 2000);
        metrics.ended(
                new Failed(FailureCode.OUT_OF_DISK, "full", null, null, false, 3000),
                Duration.ofSeconds(3));
        metrics.ended(new Returned("ends"), Duration.ZERO);
        metrics.figures(Map.of("loss", 0.7));
        metrics.figures(Map.of("loss", 0.5));
        var text = registry.scrape();
        assertThat(text)
                // Flow exports it: a sum over all processes would count it twice.
                .doesNotContain("reelrank_queue_lag")
                .contains("reelrank_load_seconds_bucket{stage=\"candidate\",le=\"2.0\"} 1")
                .containsPattern(
                        "inflight_oldest_seconds\\{stage=\"candidate\"} ([6-9]|1\\d)\\d\\.")
                .contains("reelrank_device_reserved_bytes{stage=\"candidate\"} 1.610612736E9")
                .contains("reelrank_device_peak_bytes{stage=\"candidate\"} 1000.0")
                .contains("reelrank_model_loads_total{model=\"fox-video\",stage=\"candidate\"} 1.0")
                .contains("reelrank_load_seconds_count{stage=\"candidate\"} 1")
                .contains("reelrank_load_seconds_sum{stage=\"candidate\"} 2.0")
                .contains("reelrank_figure{figure=\"loss\",stage=\"candidate\"} 0.5")
                .contains(
                        "reelrank_items_total{code=\"OUT_OF_DISK\",outcome=\"failed\",stage=\"candidate\"} 1.0")
                .contains(
                        "reelrank_device_seconds_total{device=\"NVIDIA H200\",outcome=\"failed\",stage=\"candidate\"} 3.0")
                .contains(
                        "reelrank_items_total{code=\"\",outcome=\"returned\",stage=\"candidate\"} 1.0");
    }

    @Test
    void shouldTellSecondsOfDraftsAndLoadsFromThoseOfCandidates() {
        metrics.loaded("fox-video", 2000);
        metrics.ended(made(null, false), Duration.ofSeconds(5));
        metrics.ended(made(2, false), Duration.ofSeconds(4));
        metrics.ended(made(2, true), Duration.ofSeconds(1));
        assertThat(registry.scrape())
                .contains(seconds("loading") + "2.0")
                .contains(seconds("success") + "5.0")
                .contains(seconds("draft") + "4.0")
                .contains(seconds("reused") + "1.0");
    }

    private static String seconds(String outcome) {
        return "reelrank_device_seconds_total{device=\"NVIDIA H200\",outcome=\"%s\",stage=\"candidate\"} "
                .formatted(outcome);
    }

    private static Succeeded made(@Nullable Integer pausedAfter, boolean reused) {
        var video = new BlobRef("store:video", "0".repeat(64), 3, "video/mp4");
        return new Succeeded(
                new Computation(
                        "key",
                        1,
                        "files",
                        "fp8",
                        "NVIDIA H200",
                        reused,
                        0,
                        5000,
                        Map.of(),
                        Map.of()),
                new CandidateResult(
                        1,
                        video,
                        64,
                        48,
                        5,
                        16,
                        8,
                        null,
                        1,
                        "euler",
                        null,
                        "libx264",
                        null,
                        pausedAfter));
    }

    private Page health() {
        return WorkerHealth.ready(Map.of("candidate", metrics.state()), Map.of());
    }
}
