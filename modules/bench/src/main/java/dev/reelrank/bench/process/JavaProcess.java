package dev.reelrank.bench.process;

import dev.reelrank.client.farm.Child;
import dev.reelrank.client.farm.JavaCommand;
import dev.reelrank.client.farm.KeepAlive;
import dev.reelrank.client.farm.KeepAlive.Restart;
import dev.reelrank.client.farm.ProcessSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A Java process of this class path, under the care that a farm's processes have, which a benchmark
 * may disturb: kill, end, freeze and thaw.
 */
public final class JavaProcess implements AutoCloseable {
    /** A heartbeat this old means that a process has stopped. */
    public static final Duration SILENCE = Duration.ofSeconds(5);

    /** On a machine that is busy with the farm itself a start takes long. */
    private static final Duration START = Duration.ofMinutes(2);

    private static final Duration STOP = Duration.ofSeconds(5);
    private static final Duration LOOK = Duration.ofMillis(200);

    private final String name;
    private final @Nullable Path heartbeat;
    private final Child child;
    private final long start = System.nanoTime();
    private final Thread keeper;

    private JavaProcess(ProcessSpec spec) {
        name = spec.name();
        heartbeat = spec.heartbeat();
        child = new Child(spec);
        tend();
        keeper = new Thread(this::keep, "keeper-" + name);
        keeper.setDaemon(true);
        keeper.start();
    }

    /**
     * Starts a process.
     *
     * @param heap for example 96m
     * @param main class with a main method
     * @param logFile its output is appended here
     * @param heartbeat a file that it touches while it moves; it is killed when that grows old;
     *     null for none
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
        return new JavaProcess(
                new ProcessSpec(
                        name,
                        JavaCommand.of(heap, true, main.getName(), arguments),
                        environment,
                        logFile,
                        heartbeat,
                        null,
                        null,
                        STOP,
                        new KeepAlive(SILENCE, START, restart)));
    }

    private void keep() {
        try {
            while (true) {
                Thread.sleep(LOOK.toMillis());
                tend();
            }
        } catch (InterruptedException e) {
            // It was closed.
            return;
        }
    }

    private synchronized void tend() {
        try {
            child.tend(Duration.ofNanos(System.nanoTime() - start));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot supervise " + name, e);
        }
    }

    public String name() {
        return name;
    }

    /** Its process id, empty while it is dead. */
    public synchronized OptionalLong pid() {
        return child.process().map(p -> OptionalLong.of(p.pid())).orElse(OptionalLong.empty());
    }

    /** kill -9, now. */
    public Instant kill() {
        process(ProcessHandle::destroyForcibly);
        return Instant.now();
    }

    /** SIGTERM; its standard input stays open, or it would take its parent for dead. */
    public void terminate() {
        process(ProcessHandle::destroy);
    }

    /**
     * Waits until it has beaten since its last start. One that is frozen before that is taken for
     * one that starts slowly, and killed two minutes later.
     *
     * @throws IllegalStateException if it does not beat in time
     */
    public void awaitBeat() throws InterruptedException {
        long until = System.nanoTime() + START.toNanos();
        while (heartbeat != null && (pid().isEmpty() || !Files.exists(heartbeat))) {
            if (System.nanoTime() > until) {
                throw new IllegalStateException(name + " has not beaten within " + START);
            }
            Thread.sleep(20);
        }
    }

    /** SIGSTOP: it keeps everything and does nothing. */
    public void freeze() {
        process(p -> signal("-STOP", p));
    }

    /** SIGCONT. */
    public void thaw() {
        process(p -> signal("-CONT", p));
    }

    /** Nothing is done to one that is dead. */
    private synchronized void process(Consumer<ProcessHandle> what) {
        child.process().ifPresent(what);
    }

    private static void signal(String signal, ProcessHandle process) {
        try {
            new ProcessBuilder("kill", signal, Long.toString(process.pid())).start().waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends them all for good: each is asked before the end of any is awaited. */
    public static void closeAll(Collection<JavaProcess> processes) {
        processes.forEach(JavaProcess::askToEnd);
        processes.forEach(JavaProcess::close);
    }

    private void askToEnd() {
        keeper.interrupt();
        try {
            keeper.join();
            child.stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends it for good, with force after 5 s. */
    @Override
    public void close() {
        askToEnd();
        try {
            child.awaitEnd();
        } catch (InterruptedException e) {
            kill();
            Thread.currentThread().interrupt();
        }
    }
}
