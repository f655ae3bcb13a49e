package dev.reelrank.hub.local;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The right to change a model's folder, between processes and threads. It ends with the process,
 * however that ends.
 */
public final class FolderLock implements AutoCloseable {
    private static final int POLL_MILLIS = 200;

    private final FileChannel channel;

    private FolderLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Waits until nobody else has it.
     *
     * @param root of the models; the lock file lies in its {@code .locks}
     * @param name of the model
     * @param say takes a line when somebody else has it
     */
    public static FolderLock take(Path root, String name, Consumer<String> say)
            throws InterruptedException {
        Path file = root.resolve(".locks").resolve(name + ".lock");
        try {
            Files.createDirectories(file.getParent());
            var channel =
                    FileChannel.open(
                            file,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE);
            try {
                await(channel, file, name, say);
                return new FolderLock(channel);
            } catch (IOException | InterruptedException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw DiskFailure.of(file, e);
        }
    }

    private static void await(FileChannel channel, Path file, String name, Consumer<String> say)
            throws IOException, InterruptedException {
        boolean said = false;
        while (tryLock(channel) == null) {
            if (!said) {
                said = true;
                say.accept(
                        "%s: process %s is at work on it; waiting"
                                .formatted(name, Files.readString(file).strip()));
            }
            Thread.sleep(POLL_MILLIS);
        }
        channel.truncate(0);
        channel.write(
                ByteBuffer.wrap(
                        String.valueOf(ProcessHandle.current().pid())
                                .getBytes(StandardCharsets.UTF_8)));
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            // Another thread of this process has it.
            return null;
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
