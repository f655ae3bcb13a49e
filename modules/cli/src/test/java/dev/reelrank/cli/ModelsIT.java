package dev.reelrank.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.reelrank.pipeline.ExitCode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code reelrank models} as processes, against a slow server that speaks the hub's protocol. */
final class ModelsIT {
    private static final String COMMIT = "c".repeat(40);
    private static final byte[] WEIGHTS = new byte[8 << 20];

    private final List<String> ranges = new CopyOnWriteArrayList<>();
    private volatile boolean slow = true;
    private HttpServer hub;
    private ReelrankProcess reelrank;
    private Path models;

    @TempDir Path folder;

    @BeforeEach
    void start() throws IOException {
        new Random(5).nextBytes(WEIGHTS);
        hub = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        hub.setExecutor(Executors.newCachedThreadPool());
        hub.createContext("/", this::answer);
        hub.start();
        reelrank = new ReelrankProcess(folder);
        models = folder.resolve("models");
        Files.writeString(
                folder.resolve("plans.yaml"),
                "models: {toy: {repository: org/toy, inference: [weights.safetensors]}}\n");
    }

    @AfterEach
    void stop() {
        hub.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            if (path.startsWith("/api/models/org/toy/revision/")) {
                json(exchange, Map.of("sha", COMMIT));
            } else if (path.startsWith("/api/models/org/toy/tree/")) {
                json(
                        exchange,
                        List.of(
                                Map.of(
                                        "type",
                                        "file",
                                        "path",
                                        "weights.safetensors",
                                        "size",
                                        WEIGHTS.length,
                                        "oid",
                                        "0".repeat(40),
                                        "lfs",
                                        Map.of("oid", sha256(), "size", WEIGHTS.length))));
            } else if (exchange.getRequestMethod().equals("HEAD")) {
                exchange.sendResponseHeaders(200, -1);
            } else {
                weights(exchange);
            }
        }
    }

    private void weights(HttpExchange exchange) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        ranges.add(String.valueOf(range));
        int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
        if (from > 0) {
            exchange.getResponseHeaders()
                    .add(
                            "Content-Range",
                            "bytes %d-%d/%d".formatted(from, WEIGHTS.length - 1, WEIGHTS.length));
        }
        exchange.sendResponseHeaders(from > 0 ? 206 : 200, WEIGHTS.length - from);
        var out = exchange.getResponseBody();
        for (int at = from; at < WEIGHTS.length; at += 1 << 16) {
            out.write(WEIGHTS, at, Math.min(1 << 16, WEIGHTS.length - at));
            out.flush();
            if (slow) {
                sleep(50);
            }
        }
    }

    private static void json(HttpExchange exchange, Object value) throws IOException {
        byte[] bytes = new ObjectMapper().writeValueAsBytes(value);
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private static String sha256() throws IOException {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(WEIGHTS));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IOException(e);
        }
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String[] command(String name, String... more) {
        var command = new java.util.ArrayList<>(List.of("models", name, "--for", "toy"));
        command.addAll(List.of("--plans", folder.resolve("plans.yaml").toString()));
        command.addAll(List.of("--models", models.toString()));
        command.addAll(List.of(more));
        return command.toArray(String[]::new);
    }

    private String endpoint() {
        return "http://127.0.0.1:" + hub.getAddress().getPort();
    }

    @Test
    void shouldGoOnAfterAKillAndVerifyWhatItBrought() throws Exception {
        Path file = models.resolve("toy/weights.safetensors");
        Path part = models.resolve("toy/weights.safetensors.part");
        Process first = reelrank.start(command("fetch", "--endpoint", endpoint()));
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
        while ((!Files.exists(part) || Files.size(part) < 1 << 20) && System.nanoTime() < limit) {
            sleep(20);
        }
        first.destroyForcibly().waitFor();
        assertThat(part).exists();
        assertThat(file).doesNotExist();
        long arrived = Files.size(part);

        assertThat(reelrank.run(command("status"))).isEqualTo(ExitCode.MODEL);
        assertThat(reelrank.output()).contains("partial");

        slow = false;
        assertThat(reelrank.run(command("fetch", "--endpoint", endpoint(), "--json")))
                .isEqualTo(ExitCode.OK);
        assertThat(file).hasBinaryContent(WEIGHTS);
        assertThat(part).doesNotExist();
        assertThat(ranges).contains("bytes=" + arrived + "-");
        assertThat(reelrank.output()).contains(COMMIT);

        assertThat(reelrank.run(command("verify"))).isEqualTo(ExitCode.OK);
        assertThat(reelrank.run(command("status"))).isEqualTo(ExitCode.OK);
        byte[] altered = WEIGHTS.clone();
        altered[99]++;
        Files.write(file, altered);
        assertThat(reelrank.run(command("verify"))).isEqualTo(ExitCode.MODEL);
        assertThat(reelrank.output()).contains("has other content than sha256:" + sha256());
    }

    @Test
    void shouldEndWithTheCodeOfModelsAndTheRemedyForAGatedRepository() throws Exception {
        hub.removeContext("/");
        hub.createContext(
                "/",
                exchange -> {
                    exchange.getResponseHeaders().add("X-Error-Code", "GatedRepo");
                    exchange.sendResponseHeaders(403, -1);
                    exchange.close();
                });
        Process process = reelrank.start(command("fetch", "--endpoint", endpoint()));
        assertThat(process.waitFor()).isEqualTo(ExitCode.MODEL);
        assertThat(reelrank.said())
                .contains("org/toy is gated")
                .contains("accept the terms")
                .contains("code MODEL_MISSING")
                .doesNotContain("Exception");
    }
}
