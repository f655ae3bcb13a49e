package dev.reelrank.bus.trace;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.event.RetryRequested;
import io.opentelemetry.api.trace.SpanKind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

final class TracingTest {
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final Map<String, byte[]> CAUSE =
            Map.of("traceparent", ("00-" + TRACE + "-b7ad6b7169203331-01").getBytes(UTF_8));

    private static Step step(Map<String, byte[]> cause) {
        Instant now = Instant.now();
        return new Step(
                "candidate",
                SpanKind.CONSUMER,
                cause,
                now.minusSeconds(2),
                now,
                Map.of("reelrank.seed", "7"),
                null);
    }

    @Test
    void shouldBeOffUnlessTheEnvironmentAsksForIt() {
        assertThat(Tracing.of("x", Map.of())).isSameAs(Tracing.OFF);
        assertThat(Tracing.of("x", Map.of("OTEL_TRACES_EXPORTER", "none"))).isSameAs(Tracing.OFF);
        assertThat(
                        Tracing.of(
                                "x",
                                Map.of(
                                        "OTEL_SDK_DISABLED",
                                        "true",
                                        "OTEL_TRACES_EXPORTER",
                                        "console")))
                .isSameAs(Tracing.OFF);
    }

    @Test
    void shouldPassAForeignTraceOnWhenItIsOff() {
        assertThat(Tracing.OFF.record(step(CAUSE))).containsExactlyEntriesOf(CAUSE);
        assertThat(Tracing.OFF.record(step(Map.of("other", new byte[1])))).isEmpty();
        assertThat(Tracing.OFF.asking(new RetryRequested("r", "s", "me", Instant.now()))).isEmpty();
    }

    @Test
    void shouldSayWhichVariablesItDoesNotUnderstand() {
        assertThatThrownBy(() -> Tracing.of("x", Map.of("OTEL_TRACES_EXPORTER", "carrier-pigeon")))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("carrier-pigeon")
                .hasMessageContaining("OTEL_");
    }

    @Test
    void shouldExportItsStepsAsOneTraceToWhereTheStandardVariablesSay() throws IOException {
        List<byte[]> received = new CopyOnWriteArrayList<>();
        var collector =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        collector.createContext(
                "/v1/traces",
                exchange -> {
                    received.add(exchange.getRequestBody().readAllBytes());
                    exchange.sendResponseHeaders(200, -1);
                    exchange.close();
                });
        collector.start();
        try {
            String address = "http://127.0.0.1:" + collector.getAddress().getPort();
            Map<String, byte[]> second;
            try (var tracing =
                    Tracing.of("reelrank-test", Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", address))) {
                var first = tracing.record(step(CAUSE));
                assertThat(Tracing.traceId(first)).isEqualTo(TRACE);
                assertThat(first.get("traceparent")).isNotEqualTo(CAUSE.get("traceparent"));
                second = tracing.record(step(first));
                var own = tracing.asking(new RetryRequested("r", "s", "me", Instant.now()));
                assertThat(Tracing.traceId(own)).isNotNull().isNotEqualTo(TRACE);
            }
            assertThat(Tracing.traceId(second)).isEqualTo(TRACE);
        } finally {
            collector.stop(0);
        }
        String all = String.join("", received.stream().map(b -> new String(b, UTF_8)).toList());
        assertThat(all).contains("reelrank-test", "candidate", "reelrank.seed", "retry");
    }
}
