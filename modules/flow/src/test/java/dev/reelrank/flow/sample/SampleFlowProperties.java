package dev.reelrank.flow.sample;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.flow.Effect;
import dev.reelrank.flow.Given;
import dev.reelrank.flow.work.Phase;
import dev.reelrank.flow.work.WorkState;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.SampleUpdated.Status;
import dev.reelrank.pipeline.event.WorkItem;
import dev.reelrank.pipeline.event.WorkRef;
import dev.reelrank.pipeline.event.WorkReport;
import dev.reelrank.pipeline.stage.GradeRequest;
import dev.reelrank.pipeline.stage.RankingRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * Whatever workers say, in whatever order, however often: a sample ends, no fact is written twice,
 * and the end agrees with the outcomes.
 */
final class SampleFlowProperties {
    private static final List<FailureCode> CODES =
            List.of(
                    FailureCode.UNREADABLE_IMAGE,
                    FailureCode.INTERNAL_ERROR,
                    FailureCode.OUT_OF_DEVICE_MEMORY,
                    FailureCode.STORE_UNAVAILABLE,
                    FailureCode.MODEL_MISSING,
                    FailureCode.INVALID_CONFIG);

    @Property(tries = 600)
    void shouldEndEverySampleWithoutAFactTwice(
            @ForAll long chance,
            @ForAll @IntRange(min = 1, max = 4) int seeds,
            @ForAll @IntRange(min = 0, max = 3) int keep) {
        var random = new Random(chance);
        Long[] all = LongStream.range(0, seeds).boxed().toArray(Long[]::new);
        var sample = keep == 0 ? Given.sample("s1", all) : Given.pruned("s1", 2, keep, all);
        var walk = Walk.of(sample);
        var pending = new ArrayList<WorkReport>();
        int answered = 0;
        int disturbances = 0;
        while (true) {
            // Each emission is taken by some worker, which says something, now or much later.
            var items = walk.items();
            for (; answered < items.size(); answered++) {
                pending.addAll(says(items.get(answered), random, answered > 150));
            }
            if (disturbances < 6 && random.nextInt(12) == 0) {
                disturbances++;
                if (random.nextBoolean()) {
                    walk.retry();
                } else {
                    walk.submit(Given.again(sample, "submission-" + random.nextInt(5)));
                }
            } else if (!pending.isEmpty()) {
                var report = pending.get(random.nextInt(pending.size()));
                if (random.nextInt(5) != 0) {
                    pending.remove(report);
                }
                walk.report(report);
            } else if (walk.state().open().isEmpty()) {
                break;
            } else {
                // Nothing is on its way any more: the queue has lost the rest.
                walk.vanished(walk.state().open().get(0).item());
            }
            check(walk);
        }
        assertThat(walk.told().status()).isEqualTo(expected(walk));
        assertThat(walk.told().status()).isNotEqualTo(Status.RUNNING);
    }

    private static void check(Walk walk) {
        Set<WorkRef> facts = new HashSet<>();
        Set<WorkRef> dead = new HashSet<>();
        Set<List<Object>> emitted = new HashSet<>();
        Set<Map.Entry<String, Integer>> written = new HashSet<>();
        for (var effect : walk.written) {
            if (effect instanceof Effect.Fact f) {
                assertThat(facts.add(f.fact().work())).as("fact twice: %s", f).isTrue();
                written.add(Map.entry(f.fact().work().workId(), f.fact().work().epoch()));
            } else if (effect instanceof Effect.SampleStatus s) {
                assertThat(written).containsAll(s.event().restsOn().entrySet());
            } else if (effect instanceof Effect.Dead d) {
                assertThat(dead.add(d.letter().work())).as("dead letter twice: %s", d).isTrue();
                assertThat(facts).as("dead letter after a fact").doesNotContain(d.letter().work());
            } else if (effect instanceof Effect.Work w) {
                assertThat(emitted.add(List.of(w.item().work(), w.item().emission())))
                        .as("emission twice: %s", w)
                        .isTrue();
                assertThat(facts).as("work after its fact").doesNotContain(w.item().work());
                if (w.item().request() instanceof RankingRequest r) {
                    assertThat(r.candidates()).extracting(c -> c.seed()).isSorted().isNotEmpty();
                }
            }
        }
        if (walk.state().terminal()) {
            assertThat(walk.state().open()).isEmpty();
            assertThat(walk.told().restsOn().keySet())
                    .containsExactlyInAnyOrderElementsOf(
                            walk.state().works().values().stream()
                                    .filter(w -> w.is(Phase.SUCCEEDED))
                                    .map(w -> w.ref().workId())
                                    .toList());
        } else {
            assertThat(walk.told().restsOn()).isEmpty();
        }
    }

    /** What the outcomes of the works say the sample must be. */
    private static Status expected(Walk walk) {
        var state = walk.state();
        if (state.beyondRepair() != null || phase(state, StageName.PROMPT) == Phase.FAILED) {
            return Status.FAILED;
        }
        boolean found =
                own(state, StageName.CANDIDATE).stream().anyMatch(w -> w.is(Phase.SUCCEEDED));
        return !found || phase(state, StageName.RANKING) == Phase.FAILED
                ? Status.FAILED
                : Status.DONE;
    }

    private static Phase phase(SampleState state, StageName stage) {
        return own(state, stage).stream().map(WorkState::phase).findFirst().orElse(Phase.WAITING);
    }

    /** Without drafts and their comparison. */
    private static List<WorkState> own(SampleState state, StageName stage) {
        return state.works().values().stream()
                .filter(w -> w.ref().stage().equals(stage))
                .filter(w -> SamplePath.STANDARD.stepOf(w.ref()).part().isEmpty())
                .toList();
    }

    private static List<WorkReport> says(WorkItem item, Random random, boolean behave) {
        var said = new ArrayList<WorkReport>();
        var process = "p" + random.nextInt(3);
        for (int i = random.nextInt(4); i > 0; i--) {
            said.add(
                    Given.report(
                            item.work(), "dying-" + random.nextInt(9), new WorkReport.Started()));
        }
        switch (behave ? 0 : random.nextInt(8)) {
            case 0, 1, 2 -> said.add(Given.success(item, process));
            case 3 ->
                    said.add(Given.failure(item, process, CODES.get(random.nextInt(CODES.size()))));
            case 4 ->
                    said.add(
                            Given.report(item.work(), process, new WorkReport.Returned("drained")));
            case 5 -> said.add(lost(item, random));
            case 6 -> {
                said.add(Given.failure(item, process, CODES.get(random.nextInt(CODES.size()))));
                said.add(Given.success(item, process));
            }
            default -> {
                // It dies, or its record is gone.
            }
        }
        return said;
    }

    private static WorkReport lost(WorkItem item, Random random) {
        if (random.nextInt(4) == 0) {
            return Given.lost(item, null);
        }
        if (item.request() instanceof RankingRequest r) {
            return Given.lost(
                    item, r.candidates().get(random.nextInt(r.candidates().size())).workId());
        }
        return item.request() instanceof GradeRequest g
                ? Given.lost(item, g.video().workId())
                : Given.lost(item, "nobody's");
    }
}
