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
 *
 * <p>The file holds one line: the process's id, when it started and when it beat, both since the
 * system booted.
 */
public final class Heartbeat implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);

    private final @Nullable Path file;
    private final String self = self();
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
     * Starts to beat, once a second, until it is closed.
     *
     * @param file null for none
     * @param also done at every beat
     */
    public static Heartbeat start(@Nullable Path file, Runnable also) {
        var heartbeat = new Heartbeat(file, also);
        var unused =
                heartbeat.timer.scheduleWithFixedDelay(heartbeat::beat, 0, 1, TimeUnit.SECONDS);
        return heartbeat;
    }

    private void beat() {
        try {
            if (file != null) {
                Files.writeString(file, self + " " + uptime() + "\n");
            }
            also.run();
        } catch (IOException | RuntimeException e) {
            LOG.warn("cannot write the heartbeat: {}", e.toString());
        }
    }

    /**
     * The process's id and when it started, in ticks of the system's clock since it booted: by both
     * a check kills this process and no other that has its id after it. 0 where the system does not
     * say.
     */
    private static String self() {
        long pid = ProcessHandle.current().pid();
        try {
            String stat = Files.readString(Path.of("/proc/self/stat"));
            // The second field is the program's name in brackets and may hold anything.
            return pid + " " + stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[19];
        } catch (IOException e) {
            return pid + " 0";
        }
    }

    /** Seconds since the system booted, whatever its clock says; 0 where it does not say. */
    private static String uptime() throws IOException {
        Path uptime = Path.of("/proc/uptime");
        return Files.exists(uptime) ? Files.readString(uptime).split(" ", -1)[0] : "0";
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
