package dev.reelrank.flow.topology;

import dev.reelrank.flow.work.WorkState;
import dev.reelrank.pipeline.StageName;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The outstanding work of a task, found without reading its whole state: rebuilt from the store
 * when the task starts, kept up with every decision. For one thread.
 */
final class OpenWork {
    private final FlowMetrics metrics;
    private final Map<String, Entry> entries = new HashMap<>();

    private record Entry(String key, StageName stage, Instant emittedAt) {}

    OpenWork(FlowMetrics metrics) {
        this.metrics = metrics;
    }

    /** The state under a key has changed: this was open before, that is open now. */
    void replace(String key, Collection<WorkState> before, Collection<WorkState> after) {
        for (var work : before) {
            var gone = entries.remove(work.ref().workId());
            if (gone != null) {
                metrics.open(gone.stage(), -1);
            }
        }
        for (var work : after) {
            var emittedAt = work.emittedAt();
            if (emittedAt != null) {
                var stage = work.ref().stage();
                entries.put(work.ref().workId(), new Entry(key, stage, emittedAt));
                metrics.open(stage, 1);
            }
        }
    }

    /** The task ends here; another one takes over. */
    void clear() {
        entries.values().forEach(e -> metrics.open(e.stage(), -1));
        entries.clear();
    }

    /**
     * What its queue no longer holds although it has no outcome: emitted well before the oldest
     * record that is still owed, and more than {@code after} ago. Time spent queueing is no reason.
     *
     * @return work ids by the key of their state
     */
    Map<String, Set<String>> vanished(
            QueueHeads heads, Duration margin, Duration after, Instant now) {
        var vanished = new HashMap<String, Set<String>>();
        entries.forEach(
                (workId, entry) -> {
                    if (gone(entry, heads.oldestOwed(entry.stage()), margin, after, now)) {
                        vanished.computeIfAbsent(entry.key(), k -> new HashSet<>()).add(workId);
                    }
                });
        return vanished;
    }

    private static boolean gone(
            Entry entry, @Nullable Instant oldest, Duration margin, Duration after, Instant now) {
        return oldest != null
                && entry.emittedAt().plus(margin).isBefore(oldest)
                && entry.emittedAt().plus(after).isBefore(now);
    }
}
