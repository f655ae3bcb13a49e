package dev.reelrank.bench.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Java process of this class path that is kept alive: it is started again when it dies, unless it
 * was asked to end. Closing it closes its standard input, which ends those that watch it.
 */
public final class JavaProcess implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JavaProcess.class);

    /** A heartbeat this old means that a process has stopped. */
    public static final Duration SILENCE = Duration.ofSeconds(5);

    /** One that has not shown any life by then has stopped while it started. */
    private static final Duration START = Duration.ofSeconds(30);

    private final String name;
    private final List<String> command;
    private final Path logFile;
    private final @Nullable Path heartbeat;
    private final boolean restart;
    private final Map<String, String> environment;
    private Process process;
    private Instant startedAt = Instant.now();
    private int starts;
    private boolean ended;
    private final Thread keeper;

    private JavaProcess(
            String name,
            List<String> command,
            Path logFile,
            @Nullable Path heartbeat,
            boolean restart,
            Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
        this.name = name;
        this.command = command;
        this.logFile = logFile;
        this.heartbeat = heartbeat;
        this.restart = restart;
        this.process = launch();
        this.keeper = new Thread(this::keep, "keeper-" + name);
        keeper.setDaemon(true);
        keeper.start();
    }

    /**
     * @param heap for example 96m
     * @param main class with a main method
     * @param logFile its output is appended here
     * @param heartbeat a file that it touches while it moves; it is killed when that grows old;
     *     null for none
     * @param restart whether it is started again when it dies
     */
    public static JavaProcess start(
            String name,
            String heap,
            Class<?> main,
            List<String> arguments,
            Path logFile,
            @Nullable Path heartbeat,
            Restart restart) {
        return start(name, heap, main, arguments, logFile, heartbeat, restart, Map.of());
    }

    /**
     * The same with variables beside those of this process.
     *
     * @param environment by name
     */
    public static JavaProcess start(
            String name,
            String heap,
            Class<?> main,
            List<String> arguments,
            Path logFile,
            @Nullable Path heartbeat,
            Restart restart,
            Map<String, String> environment) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "-Xmx" + heap,
                        "-Xss512k",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:-UsePerfData",
                        "-Xshare:auto",
                        "-cp",
                        System.getProperty("java.class.path"),
                        main.getName()));
        command.addAll(arguments);
        return new JavaProcess(
                name, command, logFile, heartbeat, restart == Restart.ALWAYS, environment);
    }

    /** Whether a process is started again when it dies. */
    public enum Restart {
        ALWAYS,
        NEVER
    }

    private Process launch() {
        try {
            if (heartbeat != null) {
                Files.deleteIfExists(heartbeat);
            }
            starts++;
            startedAt = Instant.now();
            var builder =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.appendTo(logFile.toFile()));
            builder.environment().putAll(environment);
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void keep() {
        try {
            while (true) {
                var current = process();
                while (!current.waitFor(200, TimeUnit.MILLISECONDS)) {
                    killIfSilent(current);
                }
                synchronized (this) {
                    if (ended || !restart) {
                        return;
                    }
                    LOG.info("{} ended with code {}", name, current.exitValue());
                    process = launch();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A stopped process keeps its locks: only whoever started it may end it. */
    private void killIfSilent(Process current) {
        if (heartbeat == null) {
            return;
        }
        try {
            var silent =
                    Files.exists(heartbeat)
                            ? Files.getLastModifiedTime(heartbeat)
                                    .toInstant()
                                    .isBefore(Instant.now().minus(SILENCE))
                            : startedAt.isBefore(Instant.now().minus(START));
            if (silent) {
                LOG.info("{} shows no life and is killed", name);
                current.destroyForcibly();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String name() {
        return name;
    }

    public synchronized Process process() {
        return process;
    }

    /** How often it was started. */
    public synchronized int starts() {
        return starts;
    }

    /** Whether it runs now. */
    public boolean alive() {
        return process().isAlive();
    }

    /** kill -9, now. */
    public Instant kill() {
        process().destroyForcibly();
        return Instant.now();
    }

    /** SIGTERM; its standard input stays open, or it would take its parent for dead. */
    public void terminate() {
        process().toHandle().destroy();
    }

    /** SIGSTOP: it keeps everything and does nothing. */
    public void freeze() {
        signal("-STOP");
    }

    /** SIGCONT. */
    public void thaw() {
        signal("-CONT");
    }

    private void signal(String signal) {
        try {
            var pid = Long.toString(process().pid());
            new ProcessBuilder("kill", signal, pid).start().waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends it for good, with force after 5 s. */
    @Override
    public void close() {
        Process last;
        synchronized (this) {
            ended = true;
            last = process;
        }
        last.destroy();
        try {
            if (!last.waitFor(5, TimeUnit.SECONDS)) {
                last.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            last.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
