package dev.reelrank.flow.sample;

import dev.reelrank.flow.Decision;
import dev.reelrank.flow.Effect;
import dev.reelrank.flow.Given;
import dev.reelrank.flow.work.Limits;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.CancelRequested;
import dev.reelrank.pipeline.event.DeadLetter;
import dev.reelrank.pipeline.event.SampleSubmitted;
import dev.reelrank.pipeline.event.SampleUpdated;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.event.WorkItem;
import dev.reelrank.pipeline.event.WorkReport;
import dev.reelrank.pipeline.stage.PreferenceVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One sample walked through the flow, with everything that was written on the way. */
final class Walk {
    final SampleFlow flow = new SampleFlow(SamplePath.STANDARD, Limits.DEFAULT, Given.FLOW);
    final List<Effect> written = new ArrayList<>();
    PreferenceVersion preference = PreferenceVersion.NONE;
    @Nullable SampleState state;

    static Walk of(SampleSubmitted sample) {
        var walk = new Walk();
        walk.submit(sample);
        return walk;
    }

    void submit(SampleSubmitted sample) {
        take(flow.submitted(state, sample, preference, Given.NOW));
    }

    void retry() {
        take(flow.retried(state, Given.retry("s1"), preference, Given.NOW));
    }

    void cancel() {
        var event = new CancelRequested("r1", "s1", "Ada", Given.NOW);
        take(flow.cancelled(state, event, preference, Given.NOW));
    }

    void report(WorkReport report) {
        take(flow.reported(state, report, preference, Given.NOW));
    }

    void vanished(WorkItem item) {
        take(flow.vanished(state(), Set.of(item.work().workId()), preference, Given.NOW));
    }

    /** Answers everything of a stage that is open. */
    void succeed(StageName stage) {
        for (var item : open(stage)) {
            report(Given.success(item));
        }
    }

    void succeed(StageName... stages) {
        for (var stage : stages) {
            succeed(stage);
        }
    }

    /** The work of a stage that waits for an outcome, as it stands on the queue. */
    List<WorkItem> open(StageName stage) {
        return state().open().stream()
                .filter(w -> w.ref().stage().equals(stage))
                .map(w -> w.item())
                .toList();
    }

    WorkItem only(StageName stage) {
        var items = open(stage);
        if (items.size() != 1) {
            throw new AssertionError("one item expected on " + stage + ": " + items);
        }
        return items.get(0);
    }

    WorkItem seed(long seed) {
        return open(StageName.CANDIDATE).stream()
                .filter(i -> Objects.equals(i.work().seed(), seed))
                .findFirst()
                .orElseThrow();
    }

    List<WorkItem> items() {
        return of(Effect.Work.class).stream().map(Effect.Work::item).toList();
    }

    List<StageFact> facts() {
        return of(Effect.Fact.class).stream().map(Effect.Fact::fact).toList();
    }

    List<StageFact> facts(StageName stage) {
        return facts().stream().filter(f -> f.work().stage().equals(stage)).toList();
    }

    List<DeadLetter> dead() {
        return of(Effect.Dead.class).stream().map(Effect.Dead::letter).toList();
    }

    SampleUpdated told() {
        return state().told();
    }

    SampleState state() {
        return Objects.requireNonNull(state);
    }

    <E> List<E> of(Class<E> kind) {
        return written.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    private void take(Decision<SampleState> decision) {
        state = decision.state();
        written.addAll(decision.effects());
    }
}
