package dev.reelrank.flow.process;

import dev.reelrank.bus.process.FileHold;
import dev.reelrank.bus.process.HostName;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Sha256;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A place of its own for a flow process among those that share a state folder, held by an OS lock.
 * Who dies frees its place, and who starts next takes it over, name and all: the group then knows
 * it as the same member, and other members do not wait until a dead member's session has expired.
 */
final class StateFolder implements AutoCloseable {
    private static final int PLACES = 64;

    private final Path folder;
    private final String instance;
    private final FileHold hold;

    private StateFolder(Path folder, String instance, FileHold hold) {
        this.folder = folder;
        this.instance = instance;
        this.hold = hold;
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
                var hold = FileHold.of(folder.resolve("lock"));
                if (hold != null) {
                    return new StateFolder(folder, instance(folder), hold);
                }
            }
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "the state folder "
                            + root
                            + " cannot be used ("
                            + e
                            + "); choose a writable one with --state-dir",
                    e);
        }
        throw new StageException(
                FailureCode.INVALID_CONFIG,
                "%d flow processes already use the state folder %s; choose another one with --state-dir"
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

    /** Frees the place. */
    @Override
    public void close() {
        try {
            hold.close();
        } catch (IOException e) {
            throw new IllegalStateException("cannot free " + folder, e);
        }
    }

    private static String instance(Path folder) {
        var host = HostName.ofThis().replaceAll("[^A-Za-z0-9._-]", "-");
        return host + "-" + Sha256.of(host + folder).substring(0, 12);
    }
}
