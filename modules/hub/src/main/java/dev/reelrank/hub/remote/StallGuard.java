package dev.reelrank.hub.remote;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * A body that breaks off when nothing arrives for some time; the client alone would wait for ever.
 */
final class StallGuard extends FilterInputStream {
    private final long stallNanos;
    private final ScheduledFuture<?> watch;
    private volatile long lastByte = System.nanoTime();
    private volatile boolean stalled;

    StallGuard(InputStream in, Duration stall, ScheduledExecutorService clock) {
        super(in);
        this.stallNanos = stall.toNanos();
        long period = Math.max(10, stall.toMillis() / 8);
        this.watch =
                clock.scheduleWithFixedDelay(this::look, period, period, TimeUnit.MILLISECONDS);
    }

    private void look() {
        if (System.nanoTime() - lastByte > stallNanos) {
            stalled = true;
            try {
                in.close();
            } catch (IOException e) {
                // The reader fails in any case.
            }
        }
    }

    @Override
    public int read() throws IOException {
        throw new UnsupportedOperationException("read pieces");
    }

    @Override
    public int read(byte[] buffer, int from, int count) throws IOException {
        try {
            int read = in.read(buffer, from, count);
            lastByte = System.nanoTime();
            if (stalled) {
                throw new IOException("closed");
            }
            return read;
        } catch (IOException e) {
            throw stalled
                    ? new TryAgain(
                            "no byte in " + TimeUnit.NANOSECONDS.toSeconds(stallNanos) + " s")
                    : e;
        }
    }

    @Override
    public void close() throws IOException {
        watch.cancel(false);
        super.close();
    }
}
