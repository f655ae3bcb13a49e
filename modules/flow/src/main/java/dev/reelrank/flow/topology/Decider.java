package dev.reelrank.flow.topology;

import dev.reelrank.flow.Decision;
import dev.reelrank.flow.work.WorkState;
import dev.reelrank.pipeline.event.Event;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides about work that belongs to no sample, for a {@link WorkProcessor}.
 *
 * @param <S> the state under one key
 */
interface Decider<S> {
    /** The key of the state that a record is about. */
    String key(String recordKey);

    /** What an event changes, and what follows. */
    Decision<S> decide(@Nullable S before, Event event, Instant now);

    /** Puts work on its queue again that the queue no longer holds. */
    Decision<S> vanished(S state, Set<String> workIds, Instant now);

    /** Work of a state that is on a queue or with a worker. */
    List<WorkState> open(S state);
}
