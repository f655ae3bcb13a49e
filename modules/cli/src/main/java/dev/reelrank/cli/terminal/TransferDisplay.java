package dev.reelrank.cli.terminal;

import dev.reelrank.hub.FetchProgress;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How far a transfer is, in one line on standard error: written over on a terminal, elsewhere a new
 * one every ten seconds.
 */
public final class TransferDisplay implements FetchProgress, AutoCloseable {
    private static final int LINE_SECONDS = 10;
    private static final int WATCHED_MILLIS = 200;

    private final boolean watched;
    private final AtomicLong total = new AtomicLong();
    private final AtomicLong here = new AtomicLong();
    private final AtomicLong received = new AtomicLong();
    private final AtomicInteger files = new AtomicInteger();
    private final AtomicInteger filesDone = new AtomicInteger();
    private final ScheduledExecutorService clock;
    private final ScheduledFuture<?> shown;
    private volatile long begin = System.nanoTime();

    /**
     * Shows nothing until a transfer begins.
     *
     * @param watched whether standard error is a terminal
     */
    public TransferDisplay(boolean watched) {
        this.watched = watched;
        this.clock =
                Executors.newSingleThreadScheduledExecutor(
                        task -> {
                            var thread = new Thread(task, "display");
                            thread.setDaemon(true);
                            return thread;
                        });
        long period = watched ? WATCHED_MILLIS : TimeUnit.SECONDS.toMillis(LINE_SECONDS);
        shown = clock.scheduleAtFixedRate(this::show, period, period, TimeUnit.MILLISECONDS);
    }

    @Override
    public void say(String line) {
        System.err.println(watched ? "\r\033[K" + line : line);
    }

    @Override
    public void begin(long bytes, long arrived, int count) {
        here.set(arrived);
        files.set(count);
        begin = System.nanoTime();
        total.set(bytes);
    }

    @Override
    public void moved(long bytes) {
        here.addAndGet(bytes);
        if (bytes > 0) {
            received.addAndGet(bytes);
        }
    }

    @Override
    public void fileDone(String model, String path) {
        filesDone.incrementAndGet();
    }

    private void show() {
        if (total.get() > 0) {
            System.err.print(watched ? "\r" + line() + "\033[K" : line() + System.lineSeparator());
            System.err.flush();
        }
    }

    private String line() {
        double seconds = Math.max(1e-3, (System.nanoTime() - begin) / 1e9);
        double rate = received.get() / seconds;
        long left = total.get() - here.get();
        return String.format(
                Locale.ROOT,
                "%d of %d files, %.2f of %.2f GB (%.0f %%), %.1f MB/s%s",
                filesDone.get(),
                files.get(),
                here.get() / 1e9,
                total.get() / 1e9,
                100.0 * here.get() / total.get(),
                rate / 1e6,
                rate > 0 && left > 0 ? ", " + time((long) (left / rate)) + " left" : "");
    }

    private static String time(long seconds) {
        if (seconds < 60) {
            return seconds + " s";
        }
        return seconds < 3600
                ? seconds / 60 + " min"
                : seconds / 3600 + " h " + seconds % 3600 / 60 + " min";
    }

    /** Ends the line. */
    @Override
    public void close() {
        shown.cancel(false);
        clock.shutdownNow();
        if (watched && total.get() > 0) {
            System.err.println("\r" + line() + "\033[K");
        }
    }
}
