package dev.reelrank.bus.process;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The folder for temporary files. What is wrong with it is this machine's fault, and a process says
 * so before it takes any work, so that no sample is blamed. Videos on their way lie there, and
 * libraries unpack native code there: ONNX Runtime, and Kafka's client for compressed records.
 */
public final class TemporaryFiles {
    /** Native code and one video. */
    private static final long ROOM = 64L << 20;

    private static final Path MOUNTS = Path.of("/proc/self/mountinfo");
    private static final String REMEDY =
            "; choose another folder with -Djava.io.tmpdir=… (REELRANK_JAVA_OPTS takes options of Java)";

    private TemporaryFiles() {}

    /**
     * Looks at the folder of this process.
     *
     * @throws StageException INVALID_CONFIG if it is not there, is not writable or forbids
     *     executing, OUT_OF_DISK if it has less than 64 MiB left
     */
    public static void check() {
        check(Path.of(System.getProperty("java.io.tmpdir")).toAbsolutePath());
    }

    static void check(Path folder) {
        if (!Files.isDirectory(folder) || !Files.isWritable(folder)) {
            throw unusable(
                    FailureCode.INVALID_CONFIG,
                    folder,
                    Files.isDirectory(folder) ? "is not writable" : "does not exist",
                    null);
        }
        try {
            long free = Files.getFileStore(folder).getUsableSpace();
            if (free < ROOM) {
                throw unusable(
                        FailureCode.OUT_OF_DISK,
                        folder,
                        "has %d MiB left, and native libraries and videos on their way need %d: free some"
                                .formatted(free >> 20, ROOM >> 20),
                        null);
            }
            var mount = Files.isReadable(MOUNTS) ? mount(Files.readAllLines(MOUNTS), folder) : null;
            if (mount != null && mount.options().contains("noexec")) {
                throw unusable(
                        FailureCode.INVALID_CONFIG,
                        folder,
                        "is mounted noexec (%s), and native libraries that unpack there cannot be loaded: mount it with exec"
                                .formatted(mount.point()),
                        null);
            }
        } catch (IOException e) {
            throw unusable(FailureCode.INVALID_CONFIG, folder, "cannot be looked at: " + e, e);
        }
    }

    private static StageException unusable(
            FailureCode code, Path folder, String what, @Nullable Throwable cause) {
        return new StageException(
                code, "the folder for temporary files, " + folder + ", " + what + REMEDY, cause);
    }

    /**
     * A mounted file system.
     *
     * @param options of the mount, such as noexec
     */
    record Mount(Path point, Set<String> options) {}

    /**
     * The file system that a folder lies on.
     *
     * @param lines of the kernel's mountinfo (man 5 proc): the fifth field is the mount point, the
     *     sixth its options
     * @return null if no line says
     */
    static @Nullable Mount mount(List<String> lines, Path folder) throws IOException {
        Path real = folder.toRealPath();
        Mount found = null;
        for (String line : lines) {
            String[] fields = line.split(" ", -1);
            if (fields.length < 6) {
                continue;
            }
            Path point = Path.of(unescaped(fields[4]));
            // Of several over one another the last one is seen.
            if (real.startsWith(point)
                    && (found == null || point.getNameCount() >= found.point().getNameCount())) {
                found = new Mount(point, Set.of(fields[5].split(",", -1)));
            }
        }
        return found;
    }

    /** Blanks, tabs, line ends and backslashes of a path stand there as octal numbers. */
    private static String unescaped(String path) {
        return path.replace("\\040", " ")
                .replace("\\011", "\t")
                .replace("\\012", "\n")
                .replace("\\134", "\\");
    }
}
