package dev.reelrank.flow.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Touches a file every second while the process moves. A stopped process keeps its place in the
 * group's state folder: whoever started it sees the file grow old and kills it.
 */
final class Heartbeat implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);

    private final Path file;
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    task -> {
                        var thread = new Thread(task, "heartbeat");
                        thread.setDaemon(true);
                        return thread;
                    });

    Heartbeat(Path file) {
        this.file = file;
        timer.scheduleWithFixedDelay(this::beat, 0, 1, TimeUnit.SECONDS);
    }

    private void beat() {
        try {
            Files.writeString(file, Long.toString(System.currentTimeMillis()));
        } catch (IOException | RuntimeException e) {
            LOG.warn("no heartbeat: {}", e.toString());
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
