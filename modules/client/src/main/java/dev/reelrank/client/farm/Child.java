package dev.reelrank.client.farm;

import dev.reelrank.bus.process.LastWords;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.file.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One supervised process: started, started again when it dies, killed when its heartbeat stops. It
 * holds the child's standard input: a child that watches it ends when the supervisor dies.
 *
 * <p>Times are monotonic, since a fixed point that the caller chooses: a step of the system's clock
 * means nothing here. A heartbeat is alive when its file is seen to change.
 *
 * <p>Not safe for use by several threads.
 */
public final class Child {
    private static final Logger LOG = LoggerFactory.getLogger(Child.class);
    private static final long LONG_LOG = 16L << 20;
    private static final int DEATHS = 5;
    private static final Duration WINDOW = Duration.ofMinutes(1);

    /**
     * Exit codes after which another try would end the same way: wrong usage or configuration,
     * wrong model files.
     */
    private static final java.util.Set<Integer> HOPELESS =
            java.util.Set.of(ExitCode.CONFIG, ExitCode.MODEL);

    private final ProcessSpec spec;
    private final ArrayDeque<Duration> deaths = new ArrayDeque<>();
    private @Nullable Process process;
    private @Nullable LastWords words;
    private @Nullable Duration startAt;
    private Duration lastSign = Duration.ZERO;
    private @Nullable FileTime lastBeat;
    private int restarts;
    private @Nullable String gaveUp;

    public Child(ProcessSpec spec) {
        this.spec = spec;
    }

    public ProcessSpec spec() {
        return spec;
    }

    /** Whether it runs now. */
    public boolean running() {
        return process != null && process.isAlive();
    }

    /** Why it is not started again, null while it is kept alive. */
    @Nullable String gaveUp() {
        return gaveUp;
    }

    ChildState state() {
        return new ChildState(
                spec.name(),
                running() ? current().pid() : 0,
                restarts,
                gaveUp,
                spec.log().toString());
    }

    /** The process that runs now, for those who measure or disturb it; empty if none does. */
    public Optional<ProcessHandle> process() {
        return running() ? Optional.of(current().toHandle()) : Optional.empty();
    }

    /**
     * Restarts the process if it should run and does not; called several times a second.
     *
     * @param now since a fixed point
     */
    public void tend(Duration now) throws IOException {
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
        if (gaveUp == null && (startAt == null || now.compareTo(startAt) >= 0)) {
            start(now);
        }
    }

    /**
     * Asks the process to end, by the signal alone: {@link Process#destroy} would close its
     * standard input too, which says that its parent died and leaves it no time to finish.
     */
    public void stop() {
        if (running()) {
            current().toHandle().destroy();
        }
    }

    /** Waits for the end of a stopped process, then kills it. */
    public void awaitEnd() throws InterruptedException {
        if (process != null
                && !process.waitFor(spec.stopTimeout().toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.warn(
                    "{} did not end within {} s; killing it",
                    spec.name(),
                    spec.stopTimeout().toSeconds());
            process.destroyForcibly().waitFor();
        }
    }

    private void start(Duration now) throws IOException {
        if (spec.heartbeat() != null) {
            Files.deleteIfExists(spec.heartbeat());
        }
        if (spec.temporary() != null) {
            empty(spec.temporary());
        }
        turnOver(spec.log());
        words = LastWords.ofNext(spec.log());
        var builder = new ProcessBuilder(spec.command());
        // CUDA then counts GPUs as nvidia-smi does, which names the one whose memory is leased.
        builder.environment().putIfAbsent("CUDA_DEVICE_ORDER", "PCI_BUS_ID");
        builder.environment().putAll(spec.environment());
        if (spec.directory() != null) {
            builder.directory(spec.directory().toFile());
        }
        process =
                builder.redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(spec.log().toFile()))
                        .start();
        lastSign = now;
        lastBeat = null;
        LOG.info("{} started, process {}, log {}", spec.name(), process.pid(), spec.log());
    }

    private String said() throws IOException {
        return Objects.requireNonNull(words, "a process was started").said();
    }

    private static void empty(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                if (!file.equals(folder)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    /** Of a farm that runs for months the logs of the last starts are kept. */
    private static void turnOver(Path log) throws IOException {
        if (Files.exists(log) && Files.size(log) > LONG_LOG) {
            WholeFile.move(log, log.resolveSibling(log.getFileName() + ".1"));
        }
    }

    private void died(Duration now, int exitCode) throws IOException {
        if (spec.keepAlive().restart() == KeepAlive.Restart.NEVER) {
            gaveUp = "%s ended with code %d".formatted(spec.name(), exitCode);
            return;
        }
        restarts++;
        if (exitCode == ExitCode.RESTART) {
            // The worker's own wish, no death: flow sees to it that this ends.
            startAt = now;
            LOG.info("{} asked for a restart", spec.name());
            return;
        }
        if (spec.keepAlive().restart() == KeepAlive.Restart.AT_ONCE) {
            startAt = now;
            LOG.info("{} ended with code {}; restarting it", spec.name(), exitCode);
            return;
        }
        deaths.addLast(now);
        while (deaths.getFirst().compareTo(now.minus(WINDOW)) < 0) {
            deaths.removeFirst();
        }
        if (HOPELESS.contains(exitCode)) {
            gaveUp = "%s ended with code %d: %s".formatted(spec.name(), exitCode, said());
        } else if (deaths.size() >= DEATHS) {
            gaveUp =
                    "%s died %d times within a minute, the last time with code %d: %s"
                            .formatted(spec.name(), deaths.size(), exitCode, said());
        } else {
            // The first death costs nothing, so that a killed process is back at once; then 0.5 s,
            // 1 s, 2 s.
            long delay = deaths.size() == 1 ? 0 : 250L << (deaths.size() - 1);
            startAt = now.plusMillis(delay);
            LOG.warn("{} ended with code {}; restarting it in {} ms", spec.name(), exitCode, delay);
        }
        if (gaveUp != null) {
            LOG.error("{}", gaveUp);
        }
    }

    private void killIfSilent(Duration now) throws IOException {
        Path heartbeat = spec.heartbeat();
        if (heartbeat == null) {
            return;
        }
        if (Files.exists(heartbeat)) {
            FileTime beat = Files.getLastModifiedTime(heartbeat);
            if (!beat.equals(lastBeat)) {
                lastBeat = beat;
                lastSign = now;
            }
        }
        // A process may also stop before its first sign of life.
        Duration patience =
                lastBeat == null ? spec.keepAlive().firstSign() : spec.keepAlive().silence();
        if (now.minus(lastSign).compareTo(patience) > 0) {
            LOG.warn(
                    "{} has sent no heartbeat for {} s; killing it",
                    spec.name(),
                    now.minus(lastSign).toSeconds());
            current().destroyForcibly();
        }
    }

    private Process current() {
        return java.util.Objects.requireNonNull(process, "process is null");
    }
}
