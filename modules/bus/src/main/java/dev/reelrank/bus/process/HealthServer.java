package dev.reelrank.bus.process;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves a few small pages that say how a process is: its health and its metrics. A page answers
 * GET and HEAD at exactly its path; every other path is 404, every other method 405.
 *
 * <p>A client cannot hold it up: a request that is not complete, or an answer that is not read,
 * within {@value #SECONDS} seconds loses its connection, and meanwhile other threads answer others.
 * These limits are properties of the JDK's server and hold for every such server of the process.
 */
public final class HealthServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HealthServer.class);

    /** How long a client may take for its request, and to read the answer. */
    static final int SECONDS = 5;

    /**
     * More threads than a probe, a scraper and a few people need: as many unfinished requests leave
     * one free.
     */
    private static final int THREADS = 16;

    /** More open connections than these are closed at once. */
    private static final int CONNECTIONS = 64;

    static {
        // The JDK's server reads these once, when the first one is made.
        limit("sun.net.httpserver.maxReqTime", SECONDS);
        limit("sun.net.httpserver.maxRspTime", SECONDS);
        limit("sun.net.httpserver.maxIdleConnections", CONNECTIONS / 2);
        limit("jdk.httpserver.maxConnections", CONNECTIONS);
    }

    private final HttpServer server;
    private final ExecutorService threads;
    private final Map<String, Supplier<Page>> pages;

    /**
     * An answer.
     *
     * @param status 200, or 503 for a process that is not well
     * @param mediaType without the character set, which is UTF-8
     */
    public record Page(int status, String mediaType, String text) {
        /** The metrics of a registry in Prometheus' text format. */
        public static Page metrics(String text) {
            return new Page(200, "text/plain; version=0.0.4", text);
        }

        /** What a probe reads: its status is 200 if all is well, else 503. */
        public static Page health(boolean well, String mediaType, String text) {
            return new Page(well ? 200 : 503, mediaType, text);
        }
    }

    private HealthServer(HttpServer server, Map<String, Supplier<Page>> pages) {
        this.server = server;
        this.pages = Map.copyOf(pages);
        var number = new AtomicInteger();
        this.threads =
                Executors.newFixedThreadPool(
                        THREADS,
                        task -> {
                            var thread = new Thread(task, "health-" + number.incrementAndGet());
                            thread.setDaemon(true);
                            return thread;
                        });
    }

    /**
     * Starts to serve.
     *
     * @param address to listen on; port 0 takes a free one
     * @param pages by path, each with its leading slash; called for every request
     * @throws StageException INVALID_CONFIG if the port is taken or the host is not this one's
     */
    public static HealthServer start(InetSocketAddress address, Map<String, Supplier<Page>> pages) {
        HttpServer server;
        try {
            server = HttpServer.create(address, CONNECTIONS);
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "cannot serve health and metrics on %s:%d: %s; choose another port with --metrics-port"
                            .formatted(address.getHostString(), address.getPort(), e.getMessage()),
                    e);
        }
        var health = new HealthServer(server, pages);
        server.setExecutor(health.threads);
        server.createContext("/", health::handle);
        server.start();
        return health;
    }

    /** Where it listens. */
    public int port() {
        return server.getAddress().getPort();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            var page = pages.get(exchange.getRequestURI().getPath());
            var method = exchange.getRequestMethod();
            if (page == null) {
                answer(exchange, new Page(404, "text/plain", "page not found\n"));
            } else if (!method.equals("GET") && !method.equals("HEAD")) {
                exchange.getResponseHeaders().set("Allow", "GET, HEAD");
                answer(
                        exchange,
                        new Page(405, "text/plain", "this page supports only GET and HEAD\n"));
            } else {
                answer(exchange, now(exchange.getRequestURI().getPath(), page));
            }
        }
    }

    private static Page now(String path, Supplier<Page> page) {
        try {
            return page.get();
        } catch (RuntimeException e) {
            // The client sees that it failed; only the log says why.
            LOG.error("the request {} failed", path, e);
            return new Page(500, "text/plain", "internal error; see the log\n");
        }
    }

    private static void answer(HttpExchange exchange, Page page) throws IOException {
        var bytes = page.text().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", page.mediaType() + "; charset=utf-8");
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", Integer.toString(bytes.length));
            exchange.sendResponseHeaders(page.status(), -1);
            return;
        }
        exchange.sendResponseHeaders(page.status(), bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    /** An operator's own setting is left alone. */
    private static void limit(String property, int value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, Integer.toString(value));
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
