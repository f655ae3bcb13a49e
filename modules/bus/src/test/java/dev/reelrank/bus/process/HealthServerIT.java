package dev.reelrank.bus.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.bus.process.HealthServer.Page;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class HealthServerIT {
    private static final InetSocketAddress ANY = new InetSocketAddress("127.0.0.1", 0);

    private final HealthServer server =
            HealthServer.start(
                    ANY,
                    Map.of(
                            "/health", () -> Page.health(false, "text/plain", "paused\n"),
                            "/metrics", () -> Page.metrics("up 1\n"),
                            "/broken",
                                    () -> {
                                        throw new IllegalStateException("no figures");
                                    }));
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void shouldAnswerEachPageAtItsPath() throws Exception {
        var health = get("/health");
        assertThat(health.statusCode()).isEqualTo(503);
        assertThat(health.body()).isEqualTo("paused\n");
        var metrics = get("/metrics?name=up");
        assertThat(metrics.statusCode()).isEqualTo(200);
        assertThat(metrics.body()).isEqualTo("up 1\n");
        assertThat(metrics.headers().firstValue("Content-Type"))
                .hasValue("text/plain; version=0.0.4; charset=utf-8");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/healthz", "/metricsfoo", "/health/", "/", "/health/../secret"})
    void shouldNotAnswerPathsThatOnlyBeginLikeAPage(String path) throws Exception {
        assertThat(get(path).statusCode()).isEqualTo(404);
    }

    @Test
    void shouldOnlyBeRead() throws Exception {
        var post = send("POST", "/health");
        assertThat(post.statusCode()).isEqualTo(405);
        assertThat(post.headers().firstValue("Allow")).hasValue("GET, HEAD");
        var head = send("HEAD", "/metrics");
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.headers().firstValue("Content-Length")).hasValue("5");
        assertThat(head.body()).isEmpty();
    }

    @Test
    void shouldSayThatAPageFailedAndServeTheOthers() throws Exception {
        assertThat(get("/broken").statusCode()).isEqualTo(500);
        assertThat(get("/metrics").statusCode()).isEqualTo(200);
    }

    @Test
    void shouldAnswerBesideUnfinishedRequests() throws Exception {
        var open = new ArrayList<Socket>();
        try {
            for (var half :
                    new String[] {
                        "GET /health HTTP/1.1\r\nHost: me\r\n",
                        "GET",
                        "",
                        "POST /health HTTP/1.1\r\nHost: me\r\nContent-Length: 1000000\r\n\r\nx"
                    }) {
                open.add(say(half));
            }
            var started = System.nanoTime();
            assertThat(get("/metrics").statusCode()).isEqualTo(200);
            assertThat(Duration.ofNanos(System.nanoTime() - started))
                    .isLessThan(Duration.ofSeconds(HealthServer.SECONDS));
        } finally {
            for (var socket : open) {
                socket.close();
            }
        }
    }

    @Test
    void shouldAnswerAgainAfterMoreUnfinishedRequestsThanItHasThreads() throws Exception {
        var open = new ArrayList<Socket>();
        try {
            for (int i = 0; i < 40; i++) {
                open.add(say("GET /health HTTP/1.1\r\nHost: me\r\n"));
            }
            // Their time runs out, and their threads are free again.
            assertThat(get("/metrics").statusCode()).isEqualTo(200);
            assertThat(open.get(0).getInputStream().read()).isEqualTo(-1);
        } finally {
            for (var socket : open) {
                socket.close();
            }
        }
    }

    @Test
    void shouldNameThePortThatIsTaken() {
        var taken = new InetSocketAddress("127.0.0.1", server.port());
        assertThatThrownBy(() -> HealthServer.start(taken, Map.of()))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("127.0.0.1:" + server.port())
                .hasMessageContaining("--metrics-port");
    }

    @Test
    void shouldNameTheHostThatIsNotThisOne() {
        var elsewhere = new InetSocketAddress("no-such-host.invalid", 0);
        assertThatThrownBy(() -> HealthServer.start(elsewhere, Map.of()))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("no-such-host.invalid");
    }

    private Socket say(String begin) throws IOException {
        var socket = new Socket("127.0.0.1", server.port());
        socket.getOutputStream().write(begin.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
        return socket;
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send("GET", path);
    }

    private HttpResponse<String> send(String method, String path)
            throws IOException, InterruptedException {
        var request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .timeout(Duration.ofSeconds(30))
                        .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }
}
