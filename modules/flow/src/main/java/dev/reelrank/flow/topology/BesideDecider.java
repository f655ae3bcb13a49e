package dev.reelrank.flow.topology;

import dev.reelrank.flow.Decision;
import dev.reelrank.flow.adapter.AdapterFlow;
import dev.reelrank.flow.beside.BesideFlow;
import dev.reelrank.flow.beside.BesideState;
import dev.reelrank.flow.work.WorkState;
import dev.reelrank.pipeline.event.AdapterImported;
import dev.reelrank.pipeline.event.AdapterJudged;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.event.PairDrawn;
import dev.reelrank.pipeline.event.WorkReport;
import dev.reelrank.pipeline.event.WorkRequested;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The work beside the samples of one partition, as {@link BesideFlow} decides it; what follows for
 * adapters, {@link AdapterFlow} does.
 */
record BesideDecider(BesideFlow flow, AdapterFlow adapters) implements Decider<BesideState> {
    @Override
    public String key(String recordKey) {
        return recordKey;
    }

    @Override
    public Decision<BesideState> decide(@Nullable BesideState before, Event event, Instant now) {
        if (event instanceof WorkRequested e) {
            return flow.requested(before, e, now);
        } else if (event instanceof WorkReport e) {
            return adapters.after(e.work().sampleId(), flow.reported(before, e, now), now);
        } else if (event instanceof PairDrawn e) {
            return adapters.drawn(before, e, now);
        } else if (event instanceof AdapterImported e) {
            return adapters.imported(before, e, now);
        } else if (event instanceof AdapterJudged e) {
            return adapters.judged(before, e, now);
        }
        throw new IllegalStateException("nothing is decided about " + event);
    }

    @Override
    public Decision<BesideState> vanished(BesideState state, Set<String> workIds, Instant now) {
        return flow.vanished(state, workIds, now);
    }

    @Override
    public List<WorkState> open(BesideState state) {
        return state.open();
    }
}
