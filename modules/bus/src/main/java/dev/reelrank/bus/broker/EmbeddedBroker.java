package dev.reelrank.bus.broker;

import dev.reelrank.bus.Connection;
import dev.reelrank.bus.process.ClassPath;
import dev.reelrank.bus.process.JavaHeap;
import dev.reelrank.bus.process.LastWords;
import dev.reelrank.pipeline.Deadline;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A broker as a child process, on the class path of this one. It ends when this object is closed
 * and when this process ends, however that happens.
 *
 * <p>Its output goes to {@code broker.log} in its folder. A port answers after 1 to 3 s.
 */
public final class EmbeddedBroker implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(60);

    private final BrokerFolder folder;
    private final Process process;
    private final LastWords words;

    private EmbeddedBroker(BrokerFolder folder, Process process, LastWords words) {
        this.folder = folder;
        this.process = process;
        this.words = words;
    }

    /**
     * Starts a broker and waits until it answers.
     *
     * @param path its folder; the same folder keeps topics and ports
     * @throws StageException BROKER_UNAVAILABLE with the process's last messages if it does not
     *     start, for example because the folder is in use
     */
    public static EmbeddedBroker start(Path path) {
        var folder = new BrokerFolder(path);
        try {
            Files.createDirectories(path);
            var builder = new ProcessBuilder(command(path.toAbsolutePath()));
            builder.directory(path.toFile());
            builder.redirectErrorStream(true);
            builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log(folder).toFile()));
            var words = LastWords.ofNext(log(folder));
            var broker = new EmbeddedBroker(folder, builder.start(), words);
            broker.awaitReady(START);
            return broker;
        } catch (IOException e) {
            throw folder.unusable(e);
        }
    }

    private static List<String> command(Path path) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JavaHeap.upTo("384m"));
        command.addAll(
                List.of(
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        ClassPath.absolute(),
                        BrokerMain.class.getName(),
                        path.toString()));
        return command;
    }

    /** How to reach it. */
    public Connection connection() {
        return folder.connection()
                .orElseThrow(() -> new IllegalStateException("a started broker has its ports"));
    }

    /** The process, for those who measure or kill it. */
    public ProcessHandle process() {
        return process.toHandle();
    }

    /** Ends it as kill -9 does. {@link #start} on the same folder goes on with its data. */
    public void kill() {
        process.destroyForcibly();
        // A busy disk can hold it for a while, and until it is gone its folder is in use.
        waitFor(Duration.ofSeconds(60));
    }

    /** Shuts it down cleanly, with force after 15 s. */
    @Override
    public void close() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // It has gone already.
        }
        if (!waitFor(Duration.ofSeconds(15))) {
            kill();
        }
    }

    private boolean waitFor(Duration time) {
        try {
            return process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void awaitReady(Duration within) {
        Deadline limit = Deadline.in(within);
        while (!answers()) {
            if (waitFor(Duration.ofMillis(50)) || limit.passed()) {
                String words = lastWords();
                close();
                throw new StageException(
                        FailureCode.BROKER_UNAVAILABLE,
                        "the broker in %s did not start: %s".formatted(folder, words));
            }
        }
        connection().check(within);
    }

    /** Its process id. */
    public long pid() {
        return process.pid();
    }

    private boolean answers() {
        var ports = folder.ports();
        // Another broker may answer on the port: only ours has put its id there.
        if (ports.isEmpty() || !folder.owner().equals(Long.toString(process.pid()))) {
            return false;
        }
        try (var socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), ports.get().port()),
                    200);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private String lastWords() {
        try {
            return words.said();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path log(BrokerFolder folder) {
        return folder.file("broker.log");
    }
}
