package dev.reelrank.client.farm;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.bus.process.FileHold;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * A command's claim on the farm: a file with its {@link FarmSpec} under an OS lock. The lock goes
 * with the process, however it ends, so the supervisor always knows who still needs what.
 */
public final class Attachment implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private final FileChannel channel;
    private final FileLock lock;

    private Attachment(Path file, FileChannel channel, FileLock lock) {
        this.file = file;
        this.channel = channel;
        this.lock = lock;
    }

    /** Claims the farm; {@link #close} gives it up. */
    public static Attachment to(DataFolder data, FarmSpec spec) {
        Path file =
                data.attached()
                        .resolve(
                                ProcessHandle.current().pid()
                                        + "-"
                                        + UUID.randomUUID().toString().substring(0, 8)
                                        + ".json");
        try {
            FileChannel channel =
                    FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            FileLock lock = channel.lock();
            channel.write(ByteBuffer.wrap(JSON.writeValueAsBytes(spec)));
            channel.force(true);
            return new Attachment(file, channel, lock);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot attach to the farm in " + data.root(), e);
        }
    }

    /** The name by which {@link #living} knows this one. */
    String id() {
        return file.getFileName().toString();
    }

    /**
     * What everybody who is still attached needs, by attachment; files whose owner is gone are
     * removed.
     */
    static Map<String, FarmSpec> living(DataFolder data) throws IOException {
        var specs = new TreeMap<String, FarmSpec>();
        try (var files = Files.newDirectoryStream(data.attached(), "*.json")) {
            for (Path file : files) {
                try (var channel =
                        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                    if (FileHold.take(channel)) {
                        // Between creation and lock a file is empty and free for an instant: leave
                        // it for the next look.
                        if (channel.size() > 0) {
                            Files.deleteIfExists(file);
                        }
                        continue;
                    }
                    specs.put(
                            file.getFileName().toString(),
                            JSON.readValue(Files.readAllBytes(file), FarmSpec.class));
                } catch (java.nio.file.NoSuchFileException e) {
                    // Its owner detached while we were looking.
                } catch (com.fasterxml.jackson.core.JacksonException e) {
                    // Locked but not written yet.
                }
            }
        }
        return specs;
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(file);
            lock.release();
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot detach from the farm: " + file, e);
        }
    }
}
