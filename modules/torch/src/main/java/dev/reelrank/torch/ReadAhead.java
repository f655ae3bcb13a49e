package dev.reelrank.torch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads files into the system's cache while other code reads their mapping, with several requests
 * under way: one thread that faults in page after page leaves a fast disk idle.
 *
 * <p>It only helps: what it cannot read, the reader of the mapping meets by itself.
 */
public final class ReadAhead implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReadAhead.class);
    private static final int PIECE = 16 << 20;
    private static final int THREADS = 4;
    private static final long WORTHWHILE = 1L << 30;

    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean ended;

    private ReadAhead() {}

    /** A piece of a file. */
    private record Piece(Path file, long from) {}

    /** Begins with these files, in this order; not with little, nor with more than memory holds. */
    static ReadAhead start(List<Path> files) {
        var ahead = new ReadAhead();
        var pieces = new ArrayList<Piece>();
        long total = 0;
        for (var file : files) {
            long size = size(file);
            total += size;
            for (long from = 0; from < size; from += PIECE) {
                pieces.add(new Piece(file, from));
            }
        }
        if (total >= WORTHWHILE && total < memory() * 3 / 4) {
            var next = new AtomicInteger();
            for (int i = 0; i < THREADS; i++) {
                var thread = new Thread(() -> ahead.read(pieces, next), "read-ahead-" + i);
                thread.setDaemon(true);
                thread.start();
                ahead.threads.add(thread);
            }
        }
        return ahead;
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    private static long memory() {
        return ManagementFactory.getOperatingSystemMXBean()
                        instanceof com.sun.management.OperatingSystemMXBean system
                ? system.getTotalMemorySize()
                : Long.MAX_VALUE / 4;
    }

    private void read(List<Piece> pieces, AtomicInteger next) {
        var buffer = ByteBuffer.allocateDirect(PIECE);
        for (int i = next.getAndIncrement();
                i < pieces.size() && !ended;
                i = next.getAndIncrement()) {
            var piece = pieces.get(i);
            try (var channel = FileChannel.open(piece.file())) {
                buffer.clear();
                while (buffer.hasRemaining()
                        && channel.read(buffer, piece.from() + buffer.position()) > 0) {
                    // the bytes themselves are of no use here
                }
            } catch (IOException e) {
                LOG.debug("not reading {} ahead: {}", piece.file(), e.toString());
                return;
            }
        }
    }

    @Override
    public void close() {
        ended = true;
    }
}
