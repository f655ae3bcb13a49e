package dev.reelrank.bus.cluster;

import dev.reelrank.bus.process.ClassPath;
import dev.reelrank.bus.process.LastWords;
import dev.reelrank.pipeline.Deadline;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One broker of a cluster: its process, which may be started again on the same data. */
final class ClusterNode {
    private static final Duration START = Duration.ofSeconds(90);
    private static final Duration STOP = Duration.ofSeconds(30);

    private final int id;
    private final Path folder;
    private final String host;
    private final int port;
    private final List<String> prefix;
    private @Nullable Process process;
    private @Nullable LastWords words;

    /**
     * @param folder with server.properties and the formatted data
     * @param prefix of the command
     */
    ClusterNode(int id, Path folder, String host, int port, List<String> prefix) {
        this.id = id;
        this.folder = folder;
        this.host = host;
        this.port = port;
        this.prefix = prefix;
    }

    String address() {
        return host + ":" + port;
    }

    /** Starts the process and does not wait. */
    void launch() {
        var command = new ArrayList<>(prefix);
        command.addAll(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx384m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Dlogback.configurationFile=dev/reelrank/bus/broker/broker-logback.xml",
                        "-cp",
                        ClassPath.absolute(),
                        NodeMain.class.getName(),
                        folder.resolve("server.properties").toString()));
        try {
            words = LastWords.ofNext(log());
            process =
                    new ProcessBuilder(command)
                            .directory(folder.toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                            .start();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start broker " + id, e);
        }
    }

    /**
     * Waits until its port answers.
     *
     * @throws StageException BROKER_UNAVAILABLE with its last words
     */
    void awaitPort() throws InterruptedException {
        var limit = Deadline.in(START);
        while (!answers()) {
            if (limit.passed() || !running()) {
                throw new StageException(
                        FailureCode.BROKER_UNAVAILABLE,
                        "broker %d does not answer at %s: %s"
                                .formatted(id, address(), lastWords()));
            }
            Thread.sleep(100);
        }
    }

    private boolean answers() {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), 200);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private boolean running() {
        return process != null && process.isAlive();
    }

    /** kill -9, and its end is awaited. */
    void kill() throws InterruptedException {
        if (process != null) {
            process.destroyForcibly();
            process.waitFor();
        }
    }

    /** Asks it to end. */
    void askToEnd() {
        if (process != null) {
            process.destroy();
        }
    }

    /** Waits for its end, and kills it after 30 s. */
    void awaitEnd() throws InterruptedException {
        if (process != null && !process.waitFor(STOP.toMillis(), TimeUnit.MILLISECONDS)) {
            kill();
        }
    }

    /**
     * Sends a signal.
     *
     * @param name for example STOP
     */
    void signal(String name) throws InterruptedException {
        if (process == null) {
            return;
        }
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot signal broker " + id, e);
        }
    }

    private String lastWords() {
        try {
            return Objects.requireNonNull(words, "it was started").said();
        } catch (IOException e) {
            return "its log cannot be read: " + e;
        }
    }

    private Path log() {
        return folder.resolve("broker.log");
    }
}
