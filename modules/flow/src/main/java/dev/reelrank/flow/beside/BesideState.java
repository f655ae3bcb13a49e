package dev.reelrank.flow.beside;

import dev.reelrank.flow.work.Phase;
import dev.reelrank.flow.work.WorkState;
import dev.reelrank.pipeline.event.WorkRequested;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The work that was asked for under one key. One piece of it is open at a time.
 *
 * @param works by work id, in the order in which they were asked for; what has ended is kept
 *     without its result, so that it is not done twice
 * @param waiting requests that come after the open one, in the order in which they came
 * @param adapters what became of it where the key names an adapter
 */
public record BesideState(
        Map<String, WorkState> works, List<WorkRequested> waiting, AdapterHistory adapters) {
    /** Nothing was asked for. */
    public static final BesideState EMPTY =
            new BesideState(Map.of(), List.of(), AdapterHistory.EMPTY);

    public BesideState {
        works = Collections.unmodifiableMap(new LinkedHashMap<>(works));
        // Null in what a build without them kept.
        waiting = waiting == null ? List.of() : List.copyOf(waiting);
        adapters = adapters == null ? AdapterHistory.EMPTY : adapters;
    }

    /** Work that is on a queue or with a worker. */
    public List<WorkState> open() {
        return works.values().stream().filter(w -> w.is(Phase.OPEN)).toList();
    }

    /** A piece of work, null if it was never opened. */
    @Nullable WorkState work(String workId) {
        return works.get(workId);
    }

    BesideState with(WorkState work) {
        var all = new LinkedHashMap<>(works);
        all.put(work.ref().workId(), work);
        return new BesideState(all, waiting, adapters);
    }

    BesideState withWaiting(WorkRequested request) {
        var all = new ArrayList<>(waiting);
        all.add(request);
        return new BesideState(works, all, adapters);
    }

    BesideState withoutFirstWaiting() {
        return new BesideState(works, waiting.subList(1, waiting.size()), adapters);
    }

    /** The same with another history of adapters. */
    public BesideState with(AdapterHistory history) {
        return new BesideState(works, waiting, history);
    }
}
