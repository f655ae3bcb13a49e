package dev.reelrank.flow.preference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.flow.AutoAligns;
import dev.reelrank.flow.Decision;
import dev.reelrank.flow.Effect;
import dev.reelrank.flow.Given;
import dev.reelrank.flow.work.Limits;
import dev.reelrank.flow.work.WorkJudge;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.config.TuneConfig;
import dev.reelrank.pipeline.event.SelectionMade;
import dev.reelrank.pipeline.event.TuneRequested;
import dev.reelrank.pipeline.event.TuneReset;
import dev.reelrank.pipeline.event.WorkItem;
import dev.reelrank.pipeline.stage.PreferencePair;
import dev.reelrank.pipeline.stage.Stages;
import dev.reelrank.pipeline.stage.TuneRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;

/**
 * Whatever people select, want and take back, and however often workers repeat or lose what they
 * say: no selection is in a training twice, no number means two models, and one training at most is
 * waited for.
 */
final class PreferenceFlowProperties {
    private static final List<FailureCode> CODES =
            List.of(
                    FailureCode.INTERNAL_ERROR,
                    FailureCode.STORE_UNAVAILABLE,
                    FailureCode.OUT_OF_MEMORY,
                    FailureCode.NO_CANDIDATE);

    private final PreferenceFlow flow =
            new PreferenceFlow(
                    new WorkJudge(Limits.DEFAULT, Stages.STANDARD),
                    5,
                    TuneConfig.defaults(),
                    AutoAligns.NONE);

    @Property(tries = 400)
    void shouldLearnNothingTwiceAndGiveNoNumberTwice(@ForAll long chance) {
        var random = new Random(chance);
        var items = new ArrayList<WorkItem>();
        Map<Long, BlobRef> models = new HashMap<>();
        Set<String> facts = new HashSet<>();
        @Nullable PreferenceState state = null;
        int selections = 0;
        for (int step = 0; step < 60; step++) {
            Decision<PreferenceState> decision;
            int what = random.nextInt(10);
            if (what < 5 || state == null) {
                // Now and then one that was there already.
                int id = random.nextInt(4) == 0 ? random.nextInt(selections + 1) : selections++;
                decision =
                        flow.selected(
                                state,
                                new SelectionMade(
                                        "t",
                                        "r",
                                        "s",
                                        1,
                                        2,
                                        Given.pair("sel-" + id),
                                        "me",
                                        Given.NOW),
                                Given.NOW);
            } else if (what == 5) {
                decision = flow.requested(state, new TuneRequested("me", Given.NOW), Given.NOW);
            } else if (what == 6) {
                decision =
                        flow.reset(
                                state,
                                new TuneReset(random.nextInt(6), "me", Given.NOW),
                                Given.NOW);
            } else if (what == 7) {
                decision = flow.vanished(state, Given.NOW);
            } else if (items.isEmpty()) {
                continue;
            } else {
                // Any training ever asked for may still be reported, also for the second time.
                var item = items.get(random.nextInt(items.size()));
                decision =
                        flow.reported(
                                state,
                                random.nextInt(3) > 0
                                        ? Given.success(item)
                                        : Given.failure(
                                                item,
                                                "p" + random.nextInt(3),
                                                CODES.get(random.nextInt(CODES.size()))),
                                Given.NOW);
            }
            state = decision.state();
            for (var effect : decision.effects()) {
                if (effect instanceof Effect.Work work) {
                    items.add(work.item());
                    var pairs = ((TuneRequest) work.item().request()).pairs();
                    assertThat(pairs)
                            .extracting(PreferencePair::selectionId)
                            .doesNotHaveDuplicates();
                } else if (effect instanceof Effect.Fact fact) {
                    var ref = fact.fact().work();
                    assertThat(facts.add(ref.workId() + "/" + ref.epoch()))
                            .as("fact twice: %s", ref)
                            .isTrue();
                } else if (effect instanceof Effect.Standards standards) {
                    var version = standards.event().preference();
                    if (version.model() != null) {
                        var before = models.putIfAbsent(version.version(), version.model());
                        assertThat(before == null || before.equals(version.model()))
                                .as("version %d is two models", version.version())
                                .isTrue();
                    }
                }
            }
        }
        assertThat(numbers(items)).as("numbers of different trainings").doesNotHaveDuplicates();
    }

    /** The version of every training; the same one emitted again is one training. */
    private static List<Long> numbers(List<WorkItem> items) {
        Map<String, Long> byTraining = new HashMap<>();
        for (var item : items) {
            byTraining.put(
                    item.work().workId() + "/" + item.work().epoch(),
                    ((TuneRequest) item.request()).version());
        }
        return List.copyOf(byTraining.values());
    }
}
