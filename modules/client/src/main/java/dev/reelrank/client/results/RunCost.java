package dev.reelrank.client.results;

import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.LostTime;
import dev.reelrank.pipeline.event.SampleUpdated;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.stage.CandidateResult;
import dev.reelrank.pipeline.stage.Stages;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What samples cost, from their facts, and from what flow says about attempts that came to nothing.
 *
 * @param stages by stage in their order, then by kind of device
 */
public record RunCost(List<StageCost> stages) {
    public RunCost {
        stages = List.copyOf(stages);
    }

    private record Place(StageName stage, String deviceKind) {}

    /** Which load it was: every piece of work of a batch reports the load of its batch. */
    private record Load(String worker, StageName stage, long millis) {}

    private static final class Sum {
        private int computed;
        private int reused;
        private long runMillis;
        private long prunedMillis;
        private int drafts;
        private long draftMillis;
        private int failed;
        private long failedMillis;
        private final Set<Load> loads = new HashSet<>();
    }

    /** The cost of samples together. */
    public static RunCost of(Collection<SampleView> samples) {
        Map<Place, Sum> sums = new HashMap<>();
        for (SampleView sample : samples) {
            Set<Long> pruned =
                    sample.pruned().stream().map(CandidateResult::seed).collect(Collectors.toSet());
            for (StageFact fact : sample.facts()) {
                add(sums, fact, pruned);
            }
            for (StageFact fact : sample.superseded()) {
                add(sums, fact, pruned);
            }
            for (LostTime lost : sample.update().map(SampleUpdated::lost).orElse(List.of())) {
                Sum sum =
                        sums.computeIfAbsent(
                                new Place(lost.stage(), lost.deviceKind()), place -> new Sum());
                sum.failed += lost.attempts();
                sum.failedMillis += lost.millis();
            }
        }
        var stages = new ArrayList<StageCost>();
        sums.forEach(
                (place, sum) ->
                        stages.add(
                                new StageCost(
                                        place.stage(),
                                        place.deviceKind(),
                                        sum.computed,
                                        sum.reused,
                                        sum.runMillis / 1000.0,
                                        sum.loads.size(),
                                        sum.loads.stream().mapToLong(Load::millis).sum() / 1000.0,
                                        sum.prunedMillis / 1000.0,
                                        sum.drafts,
                                        sum.draftMillis / 1000.0,
                                        sum.failed,
                                        sum.failedMillis / 1000.0)));
        stages.sort(
                Comparator.comparing(StageCost::stage, Stages.STANDARD::compare)
                        .thenComparing(StageCost::deviceKind));
        return new RunCost(stages);
    }

    private static void add(Map<Place, Sum> sums, StageFact fact, Set<Long> pruned) {
        var computation = fact.computation();
        Sum sum =
                sums.computeIfAbsent(
                        new Place(fact.work().stage(), computation.deviceKind()),
                        place -> new Sum());
        if (!fact.computedHere()) {
            sum.reused++;
            return;
        }
        sum.computed++;
        sum.runMillis += computation.runMillis();
        if (fact.result().preliminary()) {
            sum.drafts++;
            sum.draftMillis += computation.runMillis();
        }
        if (fact.result() instanceof CandidateResult draft && pruned.contains(draft.seed())) {
            sum.prunedMillis += computation.runMillis();
        }
        if (computation.loadMillis() > 0) {
            sum.loads.add(
                    new Load(
                            fact.producer().worker(),
                            fact.work().stage(),
                            computation.loadMillis()));
        }
    }

    /** Seconds of all GPUs, loading included. */
    public double gpuSeconds() {
        return stages.stream().filter(StageCost::onGpu).mapToDouble(StageCost::seconds).sum();
    }

    /** Seconds of workers that computed on CPUs, loading included. */
    public double cpuSeconds() {
        return stages.stream().filter(s -> !s.onGpu()).mapToDouble(StageCost::seconds).sum();
    }

    /** One line for people; empty if nothing was computed. */
    public String text() {
        List<StageCost> paid = stages.stream().filter(s -> s.seconds() > 0).toList();
        if (paid.isEmpty()) {
            return "";
        }
        return String.format(
                Locale.ROOT,
                "cost: %.1f GPU seconds, %.1f CPU seconds (%s)",
                gpuSeconds(),
                cpuSeconds(),
                paid.stream().map(RunCost::text).collect(Collectors.joining(", ")));
    }

    private static String text(StageCost cost) {
        String text =
                String.format(
                        Locale.ROOT,
                        "%s %.1f s on %s: %d × %.2f s and %d loads",
                        cost.stage().id(),
                        cost.seconds(),
                        cost.deviceKind(),
                        cost.computed(),
                        cost.secondsEach(),
                        cost.loads());
        if (cost.prunedSeconds() > 0) {
            text += String.format(Locale.ROOT, ", %.1f s of it pruned", cost.prunedSeconds());
        }
        return cost.failed() == 0
                ? text
                : text
                        + String.format(
                                Locale.ROOT,
                                ", %.1f s in %d failed attempts",
                                cost.failedSeconds(),
                                cost.failed());
    }
}
