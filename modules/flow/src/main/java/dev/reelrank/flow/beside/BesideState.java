package dev.reelrank.flow.beside;

import dev.reelrank.flow.work.Phase;
import dev.reelrank.flow.work.WorkState;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The work that was asked for under one key.
 *
 * @param works by work id, in the order in which they were asked for; what has ended is kept
 *     without its result, so that it is not done twice
 */
public record BesideState(Map<String, WorkState> works) {
    static final BesideState EMPTY = new BesideState(Map.of());

    public BesideState {
        works = Collections.unmodifiableMap(new LinkedHashMap<>(works));
    }

    /** Work that is on a queue or with a worker. */
    public List<WorkState> open() {
        return works.values().stream().filter(w -> w.is(Phase.OPEN)).toList();
    }

    BesideState with(WorkState work) {
        var all = new LinkedHashMap<>(works);
        all.put(work.ref().workId(), work);
        return new BesideState(all);
    }
}
