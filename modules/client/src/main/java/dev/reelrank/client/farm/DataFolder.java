package dev.reelrank.client.farm;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where this user's farm keeps its state: broker data, results, leases, logs.
 *
 * @param root an existing folder
 */
public record DataFolder(Path root) {
    /**
     * The given folder, else {@code REELRANK_DATA}, else {@code reelrank} under the user's data
     * home; made if it is not there.
     */
    public static DataFolder of(@Nullable Path given) {
        return of(given, System.getenv());
    }

    static DataFolder of(@Nullable Path given, Map<String, String> environment) {
        Path root = given;
        if (root == null && environment.get("REELRANK_DATA") != null) {
            root = Path.of(environment.get("REELRANK_DATA"));
        }
        if (root == null) {
            String home = environment.get("XDG_DATA_HOME");
            root =
                    (home == null
                                    ? Path.of(System.getProperty("user.home"), ".local", "share")
                                    : Path.of(home))
                            .resolve("reelrank");
        }
        try {
            return new DataFolder(Files.createDirectories(root).toRealPath());
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "cannot create the data folder "
                            + root
                            + " ("
                            + e.getMessage()
                            + "); choose another one with --data",
                    e);
        }
    }

    public Path broker() {
        return folder("broker");
    }

    /** The default result store. */
    public Path store() {
        return folder("store");
    }

    /** What {@code run} commands set out to do; made when the first one does. */
    public Path runs() {
        return root.resolve("runs");
    }

    /** One locked file for every attached command. */
    Path attached() {
        return folder("attached");
    }

    /** Reservations of all workers of this host. */
    public Path leases() {
        return folder("leases");
    }

    /** One log file a child process. */
    public Path logs() {
        return folder("logs");
    }

    /** State stores and heartbeats; may be deleted when nothing runs. */
    Path scratch(String name) {
        return folder("scratch").resolve(name);
    }

    Path supervisorLock() {
        return root.resolve("supervisor.lock");
    }

    /** What the supervisor last said about its children, as JSON. */
    Path supervisorState() {
        return root.resolve("supervisor.json");
    }

    private Path folder(String name) {
        try {
            return Files.createDirectories(root.resolve(name));
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK,
                    "cannot make " + root.resolve(name) + ": " + e.getMessage(),
                    e);
        }
    }
}
