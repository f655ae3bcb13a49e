package dev.reelrank.flow.process;

import dev.reelrank.bus.process.FileHold;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Sha256;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A place of its own for a flow process among those that share a state folder, held by an OS lock.
 * Who dies frees its place, and who starts next takes it over, name and all: the group then knows
 * it as the member that was gone, and nobody has to wait until a dead member's session has run out.
 */
final class StateFolder implements AutoCloseable {
    private static final int PLACES = 64;

    private final Path folder;
    private final String instance;
    private final FileChannel channel;

    private StateFolder(Path folder, String instance, FileChannel channel) {
        this.folder = folder;
        this.instance = instance;
        this.channel = channel;
    }

    /**
     * Takes the first free place.
     *
     * @throws StageException INVALID_CONFIG if the folder cannot be written or all places are taken
     */
    static StateFolder take(Path root) {
        try {
            var real = Files.createDirectories(root).toRealPath();
            for (int i = 0; i < PLACES; i++) {
                var folder = Files.createDirectories(real.resolve("flow-" + i));
                var channel = lock(folder.resolve("lock"));
                if (channel != null) {
                    return new StateFolder(folder, instance(folder), channel);
                }
            }
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "the state folder "
                            + root
                            + " cannot be used ("
                            + e
                            + "); name a writable one with --state-dir",
                    e);
        }
        throw new StageException(
                FailureCode.INVALID_CONFIG,
                "%d flow processes use the state folder %s already; name another with --state-dir"
                        .formatted(PLACES, root));
    }

    /** Where Streams may keep its files. */
    Path folder() {
        return folder;
    }

    /** The name of this place, the same after a restart, unique on the farm. */
    String instance() {
        return instance;
    }

    /** Closing the channel frees the lock. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new IllegalStateException("cannot free " + folder, e);
        }
    }

    private static @Nullable FileChannel lock(Path file) throws IOException {
        var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (FileHold.take(channel)) {
            return channel;
        }
        channel.close();
        return null;
    }

    private static String instance(Path folder) throws UnknownHostException {
        var host = InetAddress.getLocalHost().getHostName().replaceAll("[^A-Za-z0-9._-]", "-");
        return host + "-" + Sha256.of(host + folder).substring(0, 12);
    }
}
