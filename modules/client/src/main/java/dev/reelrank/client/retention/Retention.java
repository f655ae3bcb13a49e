package dev.reelrank.client.retention;

import dev.reelrank.bus.Connection;
import dev.reelrank.client.RunReading;
import dev.reelrank.client.Session;
import dev.reelrank.pipeline.event.RunUpdated;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.worker.store.StoreContents;
import dev.reelrank.worker.store.StoreContents.Entry;
import dev.reelrank.worker.store.StoreContents.Part;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Removes from the store what no fact of a kept run and nothing else names, and what nobody has
 * used for some days.
 *
 * <p>It is safe beside running workers. What is put or found again becomes young, and what is young
 * stays. Names are looked for twice: before the list is made, and again before each part of it is
 * removed, so that what was submitted meanwhile counts.
 */
public final class Retention implements AutoCloseable {
    /** Below this, a clock that is wrong or a bucket's coarse ages could free what is in use. */
    public static final Duration LEAST_AGE = Duration.ofDays(1);

    /** Removed between two looks. */
    private static final int AT_ONCE = 500;

    private final StoreContents contents;
    private final Instant limit;
    private final List<Namer> namers;
    private Names names = new Names(List.of());

    private Retention(StoreContents contents, Instant limit, List<Namer> namers) {
        this.contents = contents;
        this.limit = limit;
        this.namers = namers;
    }

    /**
     * A look at what a farm keeps.
     *
     * @param store of the farm
     * @param contents of the same store; the caller closes both
     * @param deleted runs that count as deleted
     * @param limit what was used since stays
     */
    public static Retention of(
            Connection connection,
            ResultStore store,
            StoreContents contents,
            Set<String> deleted,
            Instant limit) {
        return new Retention(
                contents,
                limit,
                List.of(
                        new TopicNames(connection, deleted),
                        new YoungResults(contents, store, limit)));
    }

    /** The runs that users have deleted. */
    public static Set<String> deletedRuns(Session session) {
        var deleted = new HashSet<String>();
        for (RunUpdated run : RunReading.runs(session)) {
            if (run.status() == RunUpdated.Status.DELETED) {
                deleted.add(run.runId());
            }
        }
        return deleted;
    }

    /** What may go: old, and named by nobody. */
    public List<Entry> removable() {
        var old = new ArrayList<Entry>();
        contents.each(
                entry -> {
                    if (entry.usedAt().isBefore(limit)) {
                        old.add(entry);
                    }
                });
        names = new Names(old.stream().map(Entry::name).toList());
        look();
        old.removeIf(this::isNamed);
        return old;
    }

    /**
     * Removes what still may go.
     *
     * @param entries from {@link #removable}
     * @return those that are gone
     */
    public List<Entry> remove(List<Entry> entries) {
        var gone = new ArrayList<Entry>();
        for (int from = 0; from < entries.size(); from += AT_ONCE) {
            look();
            for (Entry entry : entries.subList(from, Math.min(from + AT_ONCE, entries.size()))) {
                if (!isNamed(entry) && contents.remove(entry, limit)) {
                    gone.add(entry);
                }
            }
        }
        return gone;
    }

    private void look() {
        namers.forEach(namer -> namer.tell(names));
    }

    private boolean isNamed(Entry entry) {
        return (entry.part() == Part.BLOBS || entry.part() == Part.RESULTS)
                && names.contains(entry.name());
    }

    @Override
    public void close() {
        namers.forEach(Namer::close);
    }
}
