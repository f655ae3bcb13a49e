package dev.reelrank.bus.process;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Holding a file, by which the processes of one machine agree who does something. The system frees
 * it when it is closed and when the process ends, however it ends.
 *
 * <p>POSIX frees it as well when <em>any</em> other descriptor that this process has of the file is
 * closed: a process must not open a file that it holds a second time.
 */
public final class FileHold implements AutoCloseable {
    private final FileChannel channel;

    private FileHold(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Holds a file, which is made if it is not there.
     *
     * @return null if another process holds it, or another place of this one
     * @throws IOException if the file cannot be opened or the file system cannot lock
     */
    public static @Nullable FileHold of(Path file) throws IOException {
        var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (take(channel)) {
            return new FileHold(channel);
        }
        channel.close();
        return null;
    }

    /**
     * Locks the file of an open channel, unless another process holds it.
     *
     * @param channel open for writing; closing it frees the file
     * @return false if another process holds it, or another channel of this one
     * @throws IOException if the file system cannot lock
     */
    public static boolean take(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    /** Frees the file. */
    @Override
    public void close() throws IOException {
        channel.close();
    }
}
