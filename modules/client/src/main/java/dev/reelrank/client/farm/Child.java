package dev.reelrank.client.farm;

import dev.reelrank.bus.process.LastWords;
import dev.reelrank.pipeline.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One supervised process: started, restarted with back-off when it dies, killed when its heartbeat
 * stops, given up after five deaths within a minute. It holds the child's standard input: a child
 * that watches it ends when the supervisor dies.
 */
final class Child {
    private static final Logger LOG = LoggerFactory.getLogger(Child.class);
    private static final long LONG_LOG = 16L << 20;
    private static final int DEATHS = 5;
    private static final Duration WINDOW = Duration.ofMinutes(1);
    private static final Duration HEARTBEAT = Duration.ofSeconds(15);

    /** Looking through model files comes before the first. */
    private static final Duration FIRST_HEARTBEAT = Duration.ofMinutes(2);

    /**
     * Exit codes after which another try would end the same way: wrong usage or configuration,
     * wrong model files.
     */
    private static final java.util.Set<Integer> HOPELESS =
            java.util.Set.of(ExitCode.CONFIG, ExitCode.MODEL);

    private final ProcessSpec spec;
    private final ArrayDeque<Instant> deaths = new ArrayDeque<>();
    private @Nullable Process process;
    private Instant startAt = Instant.MIN;
    private Instant startedAt = Instant.MIN;
    private int restarts;
    private @Nullable String gaveUp;

    Child(ProcessSpec spec) {
        this.spec = spec;
    }

    ProcessSpec spec() {
        return spec;
    }

    boolean running() {
        return process != null && process.isAlive();
    }

    /** Why it is not started again, null while it is kept alive. */
    @Nullable String gaveUp() {
        return gaveUp;
    }

    ChildState state() {
        return new ChildState(
                spec.name(),
                running() ? process().pid() : 0,
                restarts,
                gaveUp,
                spec.log().toString());
    }

    /** Brings the process back to life if it should be; called several times a second. */
    void tend(Instant now) throws IOException {
        if (gaveUp != null) {
            return;
        }
        if (running()) {
            killIfSilent(now);
            return;
        }
        if (process != null) {
            died(now, process.exitValue());
            process = null;
        }
        if (gaveUp == null && !now.isBefore(startAt)) {
            start(now);
        }
    }

    /**
     * Asks the process to end, by the signal alone: {@link Process#destroy} would close its
     * standard input too, which says that its parent died and leaves it no time to finish.
     */
    void stop() {
        if (running()) {
            process().toHandle().destroy();
        }
    }

    /** Waits for the end of a stopped process, then kills it. */
    void awaitEnd() throws InterruptedException {
        if (process != null
                && !process.waitFor(spec.stopTimeout().toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.warn(
                    "{} did not end within {} s and is killed",
                    spec.name(),
                    spec.stopTimeout().toSeconds());
            process.destroyForcibly().waitFor();
        }
    }

    private void start(Instant now) throws IOException {
        if (spec.heartbeat() != null) {
            Files.deleteIfExists(spec.heartbeat());
        }
        turnOver(spec.log());
        var builder = new ProcessBuilder(spec.command());
        // CUDA then counts GPUs as nvidia-smi does, which names the one whose memory is leased.
        builder.environment().putIfAbsent("CUDA_DEVICE_ORDER", "PCI_BUS_ID");
        process =
                builder.redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(spec.log().toFile()))
                        .start();
        startedAt = now;
        LOG.info("{} started, process {}, log {}", spec.name(), process.pid(), spec.log());
    }

    /** Of a farm that runs for months the logs of the last starts are kept. */
    private static void turnOver(Path log) throws IOException {
        if (Files.exists(log) && Files.size(log) > LONG_LOG) {
            Files.move(
                    log,
                    log.resolveSibling(log.getFileName() + ".1"),
                    StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private void died(Instant now, int exitCode) throws IOException {
        restarts++;
        if (exitCode == ExitCode.RESTART) {
            // The worker's own wish, no death: flow sees to it that this ends.
            startAt = now;
            LOG.info("{} asks for a new process", spec.name());
            return;
        }
        deaths.addLast(now);
        while (deaths.peekFirst().isBefore(now.minus(WINDOW))) {
            deaths.removeFirst();
        }
        if (HOPELESS.contains(exitCode)) {
            gaveUp =
                    "%s ended with code %d: %s"
                            .formatted(spec.name(), exitCode, LastWords.of(spec.log()));
        } else if (deaths.size() >= DEATHS) {
            gaveUp =
                    "%s died %d times within a minute, the last time with code %d: %s"
                            .formatted(
                                    spec.name(), deaths.size(), exitCode, LastWords.of(spec.log()));
        } else {
            // The first death costs nothing, so that a killed process is back at once; then 0.5 s,
            // 1 s, 2 s.
            long delay = deaths.size() == 1 ? 0 : 250L << deaths.size() - 1;
            startAt = now.plusMillis(delay);
            LOG.warn(
                    "{} ended with code {}; starting it again in {} ms",
                    spec.name(),
                    exitCode,
                    delay);
        }
        if (gaveUp != null) {
            LOG.error("{}", gaveUp);
        }
    }

    private void killIfSilent(Instant now) throws IOException {
        Path heartbeat = spec.heartbeat();
        if (heartbeat == null) {
            return;
        }
        // A process may also stop before its first sign of life.
        boolean alive = Files.exists(heartbeat);
        Instant last = alive ? Files.getLastModifiedTime(heartbeat).toInstant() : startedAt;
        Duration patience = alive ? HEARTBEAT : FIRST_HEARTBEAT;
        if (last.isBefore(now.minus(patience)) && startedAt.isBefore(now.minus(patience))) {
            LOG.warn(
                    "{} has been silent for {} s and is killed",
                    spec.name(),
                    Duration.between(last, now).toSeconds());
            process().destroyForcibly();
        }
    }

    private Process process() {
        return java.util.Objects.requireNonNull(process, "process is null");
    }
}
