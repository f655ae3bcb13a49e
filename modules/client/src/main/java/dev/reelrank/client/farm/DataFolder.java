package dev.reelrank.client.farm;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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
        Path root = given != null ? given : ofEnvironment(environment);
        try {
            return new DataFolder(made(root).toRealPath());
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "cannot create the data folder %s (%s); choose another one with --data"
                            .formatted(root, e),
                    e);
        }
    }

    /** The folders above it are as every other program makes them. */
    private static Path made(Path root) throws IOException {
        Path parent = root.toAbsolutePath().getParent();
        if (parent != null && !Files.isDirectory(root)) {
            Files.createDirectories(parent);
        }
        return ownersAlone(root);
    }

    private static Path ofEnvironment(Map<String, String> environment) {
        String named = environment.getOrDefault("REELRANK_DATA", "");
        if (!named.isEmpty()) {
            return Path.of(named);
        }
        // The standard has a relative one ignored.
        String xdg = environment.getOrDefault("XDG_DATA_HOME", "");
        if (xdg.startsWith("/")) {
            return Path.of(xdg, "reelrank");
        }
        String home = System.getProperty("user.home");
        // What Java says of a user without an entry in passwd.
        if (home == null || home.equals("?") || home.isEmpty()) {
            home = environment.getOrDefault("HOME", "");
        }
        if (!home.startsWith("/")) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "this user has no home folder to keep a farm's data in; name a folder with --data or REELRANK_DATA");
        }
        return Path.of(home, ".local", "share", "reelrank");
    }

    /** What the farm trains by itself; flow reads it. Without the file it trains nothing. */
    public Path align() {
        return root.resolve("align.json");
    }

    /**
     * Makes a folder where there is none. What is made here, its parents among them, is its owner's
     * alone: a farm's data holds prompts, pictures and videos.
     */
    public static Path ownersAlone(Path folder) throws IOException {
        return Files.isDirectory(folder)
                ? folder
                : Files.createDirectories(
                        folder,
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rwx------")));
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

    /** Temporary files of one process; emptied when it is started. */
    Path temporary(String name) {
        return folder("scratch/tmp/" + name);
    }

    /** Where a process keeps what it can make again; the folder may not exist yet. */
    public Path scratch(String name) {
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
            return ownersAlone(root.resolve(name));
        } catch (IOException e) {
            throw unusable(e);
        }
    }

    private StageException unusable(IOException e) {
        if (e instanceof FileSystemException refused
                && !String.valueOf(refused.getReason()).contains("space")) {
            return new StageException(
                    FailureCode.INVALID_CONFIG,
                    "this user (%s) cannot write to the data folder %s%s: %s; choose another one with --data"
                            .formatted(System.getProperty("user.name"), root, owner(), e),
                    e);
        }
        return new StageException(
                FailureCode.OUT_OF_DISK,
                "cannot write to the data folder %s: %s".formatted(root, e),
                e);
    }

    private String owner() {
        try {
            return ", which belongs to " + Files.getOwner(root).getName();
        } catch (IOException | UnsupportedOperationException e) {
            return "";
        }
    }
}
