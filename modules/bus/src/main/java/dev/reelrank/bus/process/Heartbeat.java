package dev.reelrank.bus.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Touches a file every second while the process moves. A stopped process keeps its locks, its
 * memory and its place in a group: its supervisor sees the file grow old and kills it.
 */
public final class Heartbeat implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);

    private final @Nullable Path file;
    private final Runnable also;
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    task -> {
                        var thread = new Thread(task, "heartbeat");
                        thread.setDaemon(true);
                        return thread;
                    });

    private Heartbeat(@Nullable Path file, Runnable also) {
        this.file = file;
        this.also = also;
    }

    /**
     * @param file null for none
     * @param also done at every beat
     */
    public static Heartbeat start(@Nullable Path file, Runnable also) {
        var heartbeat = new Heartbeat(file, also);
        heartbeat.timer.scheduleWithFixedDelay(heartbeat::beat, 0, 1, TimeUnit.SECONDS);
        return heartbeat;
    }

    private void beat() {
        try {
            if (file != null) {
                Files.writeString(file, Long.toString(System.currentTimeMillis()));
            }
            also.run();
        } catch (IOException | RuntimeException e) {
            LOG.warn("cannot write the heartbeat: {}", e.toString());
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
