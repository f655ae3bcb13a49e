package dev.reelrank.worker.lease;

import dev.reelrank.bus.process.FileHold;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Who holds the devices of this host and who waits for them, for people. It changes nothing in the
 * folder and takes no mutex, so no worker waits for it.
 *
 * <p>Never for a process that has claims of its own: reading one's own claim drops its lock.
 */
public final class HostLeases {
    private static final int RESOURCES_DEEP = 3;

    private HostLeases() {}

    /**
     * One claim of a process that lives.
     *
     * @param device "cpu" for the host, or the UUID of a GPU
     * @param resource "memory" in GiB or "cores"
     * @param state "waiting", "held", or "yielding" while its holder makes room
     * @param holder worker, stage and process
     * @param heardOf its last heartbeat
     */
    public record Lease(
            String device,
            String resource,
            double amount,
            String state,
            String holder,
            Instant heardOf) {}

    /**
     * Reads the folder as it is now.
     *
     * @param folder that the workers of this host share; need not exist
     * @return by device and resource, in the order of the line
     * @throws StageException OUT_OF_DISK if it cannot be read
     */
    public static List<Lease> read(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        var leases = new ArrayList<Lease>();
        try (Stream<Path> files = Files.walk(folder, RESOURCES_DEEP)) {
            for (Path file : files.filter(HostLeases::isClaim).sorted(order()).toList()) {
                Lease lease = lease(file);
                if (lease != null) {
                    leases.add(lease);
                }
            }
        } catch (IOException | UncheckedIOException e) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK, "lease folder " + folder + " cannot be read: " + e, e);
        }
        return leases;
    }

    /** Places count from one in each resource; waiting claims have the latest. */
    private static Comparator<Path> order() {
        return Comparator.comparing((Path file) -> String.valueOf(file.getParent()))
                .thenComparing(Entry::place);
    }

    private static boolean isClaim(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.matches("\\d+\\.(waiting|held|yielding)");
    }

    /** Null for what a dead process left, and for what has gone meanwhile. */
    private static @Nullable Lease lease(Path file) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            if (FileHold.take(channel)) {
                return null;
            }
            Entry entry = Entry.read(file);
            Path whole = file.toAbsolutePath();
            int names = whole.getNameCount();
            return new Lease(
                    whole.getName(names - 3).toString(),
                    whole.getName(names - 2).toString(),
                    entry.amount(),
                    entry.state().name().toLowerCase(Locale.ROOT),
                    entry.holder(),
                    Files.getLastModifiedTime(file).toInstant());
        } catch (NoSuchFileException e) {
            return null;
        }
    }
}
