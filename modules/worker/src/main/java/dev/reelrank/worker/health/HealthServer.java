package dev.reelrank.worker.health;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * {@code GET /health}: 200 while every stage is ready, else 503, with the state of each as JSON.
 * {@code GET /metrics}: Prometheus text.
 */
public final class HealthServer implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService executor;

    private HealthServer(HttpServer server, ExecutorService executor) {
        this.server = server;
        this.executor = executor;
    }

    /**
     * @param host to bind to; loopback unless somebody asked for more
     * @param port 0 takes a free one
     * @param states by stage
     * @throws StageException INVALID_CONFIG if the port is taken
     */
    public static HealthServer start(
            String host,
            int port,
            PrometheusMeterRegistry registry,
            Supplier<Map<String, WorkerState>> states) {
        try {
            var server = HttpServer.create(new InetSocketAddress(host, port), 0);
            var executor =
                    Executors.newSingleThreadExecutor(
                            task -> {
                                var thread = new Thread(task, "health");
                                thread.setDaemon(true);
                                return thread;
                            });
            server.setExecutor(executor);
            server.createContext(
                    "/metrics",
                    exchange ->
                            answer(exchange, 200, "text/plain; version=0.0.4", registry.scrape()));
            server.createContext(
                    "/health",
                    exchange -> {
                        var now = states.get();
                        var ready = now.values().stream().allMatch(WorkerState::ready);
                        answer(exchange, ready ? 200 : 503, "application/json", json(now));
                    });
            server.start();
            return new HealthServer(server, executor);
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "cannot serve metrics on "
                            + host
                            + ":"
                            + port
                            + ": "
                            + e.getMessage()
                            + "; choose another --metrics-port",
                    e);
        }
    }

    public int port() {
        return server.getAddress().getPort();
    }

    private static String json(Map<String, WorkerState> states) {
        return new TreeMap<>(states)
                .entrySet().stream()
                        .map(e -> "\"" + e.getKey() + "\": \"" + e.getValue().id() + "\"")
                        .collect(Collectors.joining(", ", "{", "}\n"));
    }

    private static void answer(HttpExchange exchange, int status, String type, String text)
            throws IOException {
        try (exchange) {
            var bytes = text.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", type + "; charset=utf-8");
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
    }
}
