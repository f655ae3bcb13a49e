package dev.reelrank.flow.topology;

import dev.reelrank.flow.Decision;
import dev.reelrank.flow.preference.PreferenceFlow;
import dev.reelrank.flow.preference.PreferenceState;
import dev.reelrank.flow.work.WorkState;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.event.SelectionMade;
import dev.reelrank.pipeline.event.TuneRequested;
import dev.reelrank.pipeline.event.TuneReset;
import dev.reelrank.pipeline.event.WorkReport;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The selections and the training of the preference model, as {@link PreferenceFlow} decides. There
 * is one state of them on the farm, and at most one training.
 */
record PreferenceDecider(PreferenceFlow flow) implements Decider<PreferenceState> {
    @Override
    public String key(String recordKey) {
        return StoreNames.PREFERENCE_KEY;
    }

    @Override
    public Decision<PreferenceState> decide(
            @Nullable PreferenceState before, Event event, Instant now) {
        if (event instanceof SelectionMade e) {
            return flow.selected(before, e, now);
        } else if (event instanceof TuneRequested e) {
            return flow.requested(before, e, now);
        } else if (event instanceof TuneReset e) {
            return flow.reset(before, e, now);
        } else if (event instanceof WorkReport e) {
            return flow.reported(before, e, now);
        }
        throw new IllegalStateException("nothing is decided about " + event);
    }

    @Override
    public Decision<PreferenceState> vanished(
            PreferenceState state, Set<String> workIds, Instant now) {
        return flow.vanished(state, now);
    }

    @Override
    public List<WorkState> open(PreferenceState state) {
        return state.tuning() == null ? List.of() : List.of(state.tuning());
    }
}
