package dev.reelrank.cli;

import dev.reelrank.client.Session;
import dev.reelrank.client.evaluation.EvaluationAnswer;
import dev.reelrank.client.evaluation.EvaluationItem;
import dev.reelrank.client.evaluation.Evaluations;
import dev.reelrank.client.results.RunView;
import dev.reelrank.client.results.SampleView;
import dev.reelrank.client.study.PlannedCell.Choose;
import dev.reelrank.evaluation.metric.Direction;
import dev.reelrank.evaluation.metric.Metrics;
import dev.reelrank.evaluation.study.Cell;
import dev.reelrank.evaluation.study.StudySample;
import dev.reelrank.pipeline.config.EvaluateConfig;
import dev.reelrank.pipeline.event.Computation;
import dev.reelrank.pipeline.event.SampleFact;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.stage.EvaluateResult;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Turns runs into the figures of a study: evaluates their videos, and reads what the work took. */
final class StudyFigures {
    /**
     * A configuration whose run has ended.
     *
     * @param name of the configuration
     * @param settings for people
     * @param run its run
     * @param choose what decides which candidate stands for a sample
     */
    record Wanted(String name, String settings, RunView run, Choose choose) {}

    private final Session session;
    private final String models;
    private final EvaluateConfig config;
    private final List<String> judged;

    /**
     * By input key: who computed it. Whoever found it in the store tells only what finding took.
     */
    private final Map<String, Computation> computed = new HashMap<>();

    /**
     * @param models what the models of evaluations are known by
     * @param judged metrics that choose a candidate where metrics do
     */
    StudyFigures(Session session, String models, EvaluateConfig config, List<String> judged) {
        this.session = session;
        this.models = models;
        this.config = config;
        this.judged = List.copyOf(judged);
    }

    /** Evaluates what is not evaluated yet, and waits for it. */
    List<Cell> of(Collection<Wanted> wanted) {
        var items = new LinkedHashSet<EvaluationItem>();
        for (Wanted one : wanted) {
            items.addAll(
                    one.choose() == Choose.METRICS
                            ? EvaluationItem.candidates(one.run(), config)
                            : EvaluationItem.winners(one.run(), config));
        }
        for (Wanted one : wanted) {
            for (SampleView sample : one.run().samples().values()) {
                sample.facts().stream()
                        .map(StageFact::computation)
                        .filter(c -> !c.reused())
                        .forEach(c -> computed.put(c.inputKey(), c));
            }
        }
        int[] last = {-1};
        var answers =
                new Evaluations(session, models)
                        .all(
                                items,
                                (done, of) -> {
                                    if (done != last[0]) {
                                        System.err.printf("evaluated: %d of %d videos%n", done, of);
                                        last[0] = done;
                                    }
                                });
        return wanted.stream().map(one -> cell(one, answers)).toList();
    }

    /** Of some metrics those that were measured anywhere. */
    static List<String> measured(List<String> metrics, List<Cell> cells) {
        return metrics.stream()
                .filter(m -> cells.stream().anyMatch(c -> c.measured(m) > 0))
                .toList();
    }

    private Cell cell(Wanted wanted, Map<EvaluationItem, EvaluationAnswer> answers) {
        var samples = new ArrayList<StudySample>();
        for (SampleView sample : wanted.run().samples().values()) {
            samples.add(sample(wanted, sample, answers));
        }
        return new Cell(wanted.name(), wanted.settings(), wanted.run().runId(), samples);
    }

    private StudySample sample(
            Wanted wanted, SampleView sample, Map<EvaluationItem, EvaluationAnswer> answers) {
        String prompt = sample.sample().map(SampleFact::originalPrompt).orElse("");
        if (sample.winner().isEmpty()) {
            return StudySample.failed(
                    sample.sampleId(),
                    prompt,
                    sample.update()
                            .map(u -> u.failure())
                            .map(f -> f.stage().id() + ": " + f.message())
                            .orElse("it has no video yet"));
        }
        var mine =
                answers.entrySet().stream()
                        .filter(e -> e.getKey().runId().equals(wanted.run().runId()))
                        .filter(e -> e.getKey().sampleId().equals(sample.sampleId()))
                        .toList();
        String failure =
                mine.stream()
                        .map(e -> e.getValue().failure())
                        .filter(Objects::nonNull)
                        .findFirst()
                        .orElse(null);
        var results =
                mine.stream().map(e -> e.getValue().result()).filter(Objects::nonNull).toList();
        long winner = sample.winner().get().seed();
        EvaluateResult chosen =
                wanted.choose() == Choose.METRICS
                        ? best(results)
                        : results.stream().filter(r -> r.seed() == winner).findFirst().orElse(null);
        if (chosen == null) {
            return StudySample.failed(
                    sample.sampleId(), prompt, "evaluation: " + String.valueOf(failure));
        }
        return StudySample.of(
                sample.sampleId(), prompt, chosen, seconds(sample, false), seconds(sample, true));
    }

    /** The candidate with the best mean of z-scores over the judged metrics. */
    private @Nullable EvaluateResult best(List<EvaluateResult> results) {
        EvaluateResult best = null;
        double most = Double.NEGATIVE_INFINITY;
        for (EvaluateResult result : results) {
            double score = 0;
            for (String metric : judged) {
                score += score(metric, result, results);
            }
            if (score > most) {
                most = score;
                best = result;
            }
        }
        return best;
    }

    private static double score(String metric, EvaluateResult of, List<EvaluateResult> among) {
        double[] values =
                among.stream()
                        .map(r -> value(r, metric))
                        .filter(Objects::nonNull)
                        .mapToDouble(Double::doubleValue)
                        .toArray();
        Double mine = value(of, metric);
        double mean = java.util.Arrays.stream(values).average().orElse(0);
        double spread =
                Math.sqrt(
                        java.util.Arrays.stream(values)
                                .map(v -> (v - mean) * (v - mean))
                                .average()
                                .orElse(0));
        Direction direction = Metrics.of(metric).direction();
        if (mine == null || spread < 1e-10 || !direction.judged()) {
            return 0;
        }
        return (direction == Direction.HIGHER ? 1 : -1) * (mine - mean) / spread;
    }

    private static @Nullable Double value(EvaluateResult result, String metric) {
        var figure = result.measurements().get(metric);
        return figure == null ? null : figure.value();
    }

    /**
     * What the work of a sample took when it was computed, here or in another run of the study; not
     * a number where that is not known, because a result was stored before.
     */
    private double seconds(SampleView sample, boolean onGpu) {
        double sum = 0;
        for (StageFact fact : sample.facts()) {
            Computation made = computed.get(fact.computation().inputKey());
            if (made == null) {
                return Double.NaN;
            }
            if (!onGpu || !made.deviceKind().equals("cpu")) {
                sum += made.runMillis() / 1000.0;
            }
        }
        return sum;
    }
}
