package dev.reelrank.flow.topology;

import dev.reelrank.pipeline.StageName;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How far each work queue has been worked off: when the oldest record that is still owed was
 * emitted. Whatever was emitted well before that is no longer on the queue. Written by one thread,
 * read by all.
 */
public final class QueueHeads {
    private volatile Map<StageName, Instant> oldest = Map.of();

    /**
     * Remembers how far a queue has come.
     *
     * @param emitted when the oldest record still owed was emitted; if nothing is owed, a time just
     *     before that was found out
     */
    public synchronized void oldestOwed(StageName stage, Instant emitted) {
        var next = new HashMap<StageName, Instant>();
        next.putAll(oldest);
        next.put(stage, emitted);
        oldest = next;
    }

    /** Null while nothing is known about the queue. */
    @Nullable Instant oldestOwed(StageName stage) {
        return oldest.get(stage);
    }
}
