package dev.reelrank.bus.process;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;

/**
 * Holding a file, by which the processes of one machine agree who does something. The system frees
 * it when the channel is closed and when the process ends, however it ends.
 *
 * <p>POSIX frees it as well when <em>any</em> other descriptor that this process has of the file is
 * closed: a process must not open a file that it holds a second time.
 */
public final class FileHold {
    private FileHold() {}

    /**
     * Holds the file from now on, unless somebody else does.
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
}
