package dev.reelrank.flow.process;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** {@code /health} and {@code /metrics} over HTTP. */
final class Endpoint implements AutoCloseable {
    /**
     * How the process is.
     *
     * @param ok whether it does its work
     * @param text for people
     */
    record Health(boolean ok, String text) {}

    private final HttpServer server;
    private final ExecutorService threads;

    /**
     * @param address to listen on; port 0 takes a free one
     * @throws StageException INVALID_CONFIG if the port is taken
     */
    Endpoint(InetSocketAddress address, Supplier<Health> health, Supplier<String> metrics) {
        try {
            server = HttpServer.create(address, 16);
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "cannot listen on %s (%s); choose another with --metrics-port"
                            .formatted(address, e.getMessage()),
                    e);
        }
        threads =
                Executors.newFixedThreadPool(
                        2,
                        task -> {
                            var thread = new Thread(task, "endpoint");
                            thread.setDaemon(true);
                            return thread;
                        });
        server.setExecutor(threads);
        server.createContext(
                "/health",
                exchange -> {
                    var now = health.get();
                    answer(exchange, now.ok() ? 200 : 503, "text/plain", now.text() + "\n");
                });
        server.createContext(
                "/metrics",
                exchange -> answer(exchange, 200, "text/plain; version=0.0.4", metrics.get()));
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    private static void answer(HttpExchange exchange, int status, String type, String text)
            throws IOException {
        try (exchange) {
            var bytes = text.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
