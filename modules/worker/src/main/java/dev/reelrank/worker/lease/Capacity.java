package dev.reelrank.worker.lease;

import dev.reelrank.bus.process.FileHold;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One resource of one device: its memory in GiB, or a host's cores. Claims are granted first come,
 * first served, as long as they fit beside those that are held.
 *
 * <p>Open it once per process: POSIX drops a lock when <em>any</em> descriptor of the file is
 * closed, so the process must know its own files and never open one a second time.
 *
 * <pre>
 * mutex             locked while a process reads or changes the folder
 * 000000012.waiting one file a claim, locked by its process as long as it lives; the name says
 * 000000009.held    its place and state, the content its amount and holder; a content that
 *                   changes is the holder's heartbeat
 * </pre>
 */
public final class Capacity {
    private static final Logger LOG = LoggerFactory.getLogger(Capacity.class);

    /**
     * How long another process may hold the mutex. A stopped one keeps it until its supervisor has
     * noticed its silence and killed it; on a busy host a healthy one can be slow too.
     */
    private static final Duration MUTEX_WAIT = Duration.ofSeconds(60);

    static final Duration STOPPED_AFTER = Duration.ofSeconds(15);

    private final Path folder;
    private final double total;
    private final Map<Long, Claim> own = new HashMap<>();
    private final Set<Long> reported = new HashSet<>();
    private final Silences silences = new Silences();

    private Capacity(Path folder, double total) {
        this.folder = folder;
        this.total = total;
    }

    /**
     * Opens the shared account of a resource.
     *
     * @param folder of this resource, made if it is not there; all processes that share the device
     *     give the same
     * @param total what there is to share, in the unit of the claims
     * @throws StageException INVALID_CONFIG if the folder cannot be made or written
     */
    public static Capacity open(Path folder, double total) {
        try {
            Files.createDirectories(folder);
            Files.write(
                    folder.resolve("mutex"),
                    new byte[0],
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "lease folder "
                            + folder
                            + " cannot be written: "
                            + e
                            + "; choose another one with --lease-dir",
                    e);
        }
        return new Capacity(folder, total);
    }

    public double total() {
        return total;
    }

    /**
     * Takes a place in the line. The claim is not granted yet.
     *
     * @param amount at most {@link #total}
     * @param holder for people who look at the folder
     * @throws StageException INVALID_CONFIG if it can never be granted
     */
    public Claim ask(double amount, String holder) {
        if (amount > total) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "%s needs %.2f of %s, which has only %.2f: use a smaller model, a lower precision, offloading, or another device"
                            .formatted(holder, amount, folder.getFileName(), total));
        }
        return locked(
                () -> {
                    var last = entries().stream().mapToLong(Entry::place).max().orElse(0);
                    var place = Math.max(last, lastPlace()) + 1;
                    Files.writeString(folder.resolve("places"), Long.toString(place));
                    var file = folder.resolve(Entry.name(place, State.WAITING));
                    var channel =
                            FileChannel.open(
                                    file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                    channel.lock();
                    var claim = new Claim(this, place, amount, holder, channel);
                    own.put(place, claim);
                    claim.beat();
                    return claim;
                },
                "ask for room");
    }

    private long lastPlace() throws IOException {
        var file = folder.resolve("places");
        if (!Files.isRegularFile(file)) {
            return 0;
        }
        var text = Files.readString(file).strip();
        return text.isEmpty() ? 0 : Long.parseLong(text);
    }

    /** Grants the claim if it is the first in the line and fits. */
    boolean grant(Claim claim) {
        return locked(
                () -> {
                    var used = 0.0;
                    for (var entry : entries()) {
                        if (entry.state() == State.WAITING && entry.place() < claim.place()) {
                            return false;
                        }
                        if (entry.state() != State.WAITING) {
                            used += entry.amount();
                        }
                    }
                    if (used + claim.amount() > total + 1e-9) {
                        return false;
                    }
                    move(claim.place(), State.WAITING, State.HELD);
                    return true;
                },
                "be granted room");
    }

    /** Whether the first in the line waits for more than will be free. */
    boolean blocked() {
        return locked(this::firstIsBlocked, "see who waits");
    }

    private boolean firstIsBlocked() throws IOException {
        Entry first = null;
        var staying = 0.0;
        for (var entry : entries()) {
            if (entry.state() == State.WAITING) {
                first = first == null ? entry : first;
            } else if (entry.state() == State.HELD) {
                staying += entry.amount();
            }
        }
        return first != null && staying + first.amount() > total + 1e-9;
    }

    /**
     * Marks a held claim as on its way out, if a waiting claim still needs its room.
     *
     * @return false if room enough is free or being freed already
     */
    boolean giveWay(Claim claim) {
        return locked(
                () -> {
                    if (!firstIsBlocked()) {
                        return false;
                    }
                    move(claim.place(), State.HELD, State.YIELDING);
                    return true;
                },
                "give way");
    }

    void remove(Claim claim, State state) {
        locked(
                () -> {
                    Files.deleteIfExists(folder.resolve(Entry.name(claim.place(), state)));
                    claim.channel().close();
                    own.remove(claim.place());
                    return true;
                },
                "give room back");
    }

    private void move(long place, State from, State to) throws IOException {
        Files.move(folder.resolve(Entry.name(place, from)), folder.resolve(Entry.name(place, to)));
    }

    /** Live claims by place; what dead processes left is removed. Only under the mutex. */
    private List<Entry> entries() throws IOException {
        var live = new ArrayList<Entry>();
        try (var files = Files.newDirectoryStream(folder, "*.{waiting,held,yielding}")) {
            for (var file : files) {
                var place = Entry.place(file);
                var mine = own.get(place);
                if (mine != null) {
                    // Never opened a second time: closing it would drop the lock.
                    live.add(mine.entry(Entry.state(file)));
                } else if (lockedElsewhere(file)) {
                    var entry = Entry.read(file);
                    live.add(entry);
                    report(entry, file);
                } else {
                    Files.deleteIfExists(file);
                    silences.forget(place);
                }
            }
        }
        live.sort(null);
        return live;
    }

    private static boolean lockedElsewhere(Path file) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            return !FileHold.take(channel);
        }
    }

    /** A stopped process keeps lock and memory; only its supervisor may end it. */
    private void report(Entry entry, Path file) throws IOException {
        var silence =
                silences.of(entry.place(), Files.getLastModifiedTime(file), System.nanoTime());
        if (entry.state() != State.WAITING
                && silence.compareTo(STOPPED_AFTER) > 0
                && reported.add(entry.place())) {
            LOG.warn(
                    "{} of {} is held by {}, which has sent no heartbeat for {} s: its supervisor"
                            + " must stop it",
                    entry.amount(),
                    folder.getFileName(),
                    entry.holder(),
                    silence.toSeconds());
        }
    }

    private synchronized <T> T locked(IoCall<T> call, String what) {
        try (var channel = FileChannel.open(folder.resolve("mutex"), StandardOpenOption.WRITE)) {
            var until = System.nanoTime() + MUTEX_WAIT.toNanos();
            while (!FileHold.take(channel)) {
                if (System.nanoTime() - until > 0) {
                    throw stuck(what);
                }
                Thread.sleep(2);
            }
            return call.run();
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK,
                    "lease folder " + folder + ": could not " + what + ": " + e,
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StageException(
                    FailureCode.INTERNAL_ERROR, "interrupted while trying to " + what, e);
        }
    }

    private StageException stuck(String what) {
        return new StageException(
                FailureCode.INTERNAL_ERROR,
                "lease folder %s: could not %s: another process has held the file 'mutex' there for %d s. It is stopped or hangs, and no supervisor ended it; end it (`fuser %s/mutex` names it)"
                        .formatted(folder, what, MUTEX_WAIT.toSeconds(), folder));
    }

    static ByteBuffer text(String s) {
        return ByteBuffer.wrap(s.getBytes(StandardCharsets.UTF_8));
    }

    private interface IoCall<T> {
        T run() throws IOException;
    }
}
