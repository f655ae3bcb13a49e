package dev.reelrank.cli;

import com.github.freva.asciitable.AsciiTable;
import dev.reelrank.pipeline.event.QualityStandards;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.stage.GradeResult;
import dev.reelrank.pipeline.stage.TuneResult;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Grades by run, trainings in their order. */
final class Trends {
    static final List<String> EVIDENCE =
            List.of("semantic", "spatial", "benchmark", "preference", "visionReward");

    private final List<StageFact> grades;
    private final List<StageFact> tunings;

    Trends(List<StageFact> grades, List<StageFact> tunings) {
        this.grades = List.copyOf(grades);
        this.tunings = List.copyOf(tunings);
    }

    /**
     * Means of one run; null where nothing was computed.
     *
     * @param preferenceVersion the latest that graded in this run
     */
    record RunTrend(
            String runId,
            Instant from,
            int graded,
            @Nullable Double score,
            Map<String, Double> evidence,
            long preferenceVersion) {}

    /** One training of the preference model. */
    record TrainingTrend(
            Instant at,
            long version,
            boolean kept,
            int pairs,
            double heldOutBefore,
            double heldOutAfter,
            @Nullable Double loss,
            double confidence) {
        /** What became of it, for people. */
        String outcome() {
            return kept
                    ? "kept as version " + version
                    : loss == null
                            ? "nothing new to learn, version %d stays".formatted(version)
                            : "worse, not kept; version %d stays".formatted(version);
        }
    }

    List<StageFact> grades() {
        return grades;
    }

    List<RunTrend> runs() {
        Map<String, List<StageFact>> byRun = new LinkedHashMap<>();
        grades.forEach(g -> byRun.computeIfAbsent(g.work().runId(), r -> new ArrayList<>()).add(g));
        var runs = new ArrayList<RunTrend>();
        byRun.forEach(
                (id, facts) -> {
                    List<GradeResult> results =
                            facts.stream().map(f -> (GradeResult) f.result()).toList();
                    Map<String, Double> evidence = new LinkedHashMap<>();
                    for (String name : EVIDENCE) {
                        mean(results, r -> used(r, name)).ifPresent(v -> evidence.put(name, v));
                    }
                    OptionalDouble score = mean(results, GradeResult::score);
                    runs.add(
                            new RunTrend(
                                    id,
                                    facts.get(0).at(),
                                    facts.size(),
                                    score.isPresent() ? score.getAsDouble() : null,
                                    evidence,
                                    results.stream()
                                            .mapToLong(GradeResult::preferenceVersion)
                                            .max()
                                            .orElse(0)));
                });
        return runs;
    }

    List<TrainingTrend> trainings() {
        return tunings.stream()
                .map(
                        f -> {
                            var t = (TuneResult) f.result();
                            Double loss =
                                    t.lossTrend().isEmpty()
                                            ? null
                                            : t.lossTrend().get(t.lossTrend().size() - 1);
                            return new TrainingTrend(
                                    f.at(),
                                    t.version(),
                                    t.kept(),
                                    t.pairs(),
                                    t.heldOutBefore(),
                                    t.heldOutAfter(),
                                    loss,
                                    t.confidence());
                        })
                .toList();
    }

    String table() {
        List<com.github.freva.asciitable.ColumnData<RunTrend>> columns = new ArrayList<>();
        columns.add(left("run", RunTrend::runId));
        columns.add(left("graded", r -> Integer.toString(r.graded())));
        columns.add(left("score", r -> number(r.score())));
        EVIDENCE.forEach(name -> columns.add(left(name, r -> number(r.evidence().get(name)))));
        columns.add(left("preference version", r -> Long.toString(r.preferenceVersion())));
        var text = new StringBuilder();
        if (grades.isEmpty()) {
            text.append("No grade yet.\n");
        } else {
            text.append(
                            AsciiTable.builder()
                                    .border(AsciiTable.NO_BORDERS)
                                    .data(runs(), columns)
                                    .asString())
                    .append("\n");
        }
        for (var t : trainings()) {
            text.append(
                    "%s  training on %d selections (%s): held-out accuracy %.2f -> %.2f, loss %s, confidence %.2f%n"
                            .formatted(
                                    t.at().truncatedTo(ChronoUnit.SECONDS),
                                    t.pairs(),
                                    t.outcome(),
                                    t.heldOutBefore(),
                                    t.heldOutAfter(),
                                    number(t.loss()),
                                    t.confidence()));
        }
        return text.toString();
    }

    static String describe(QualityStandards standards) {
        var text =
                new StringBuilder(
                        "Preference model version %d after %d selections, confidence %.2f.%n"
                                .formatted(
                                        standards.preference().version(),
                                        standards.selections(),
                                        standards.confidence()));
        standards.patterns().entrySet().stream()
                .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                .limit(8)
                .forEach(
                        e ->
                                text.append(
                                        "  rejected videos are lower in %s by %.0f %%%n"
                                                .formatted(e.getKey(), 100 * e.getValue())));
        return text.toString();
    }

    /**
     * The score of a kind of evidence, null where it did not count: before there is a preference
     * model its score is a placeholder.
     */
    static @Nullable Double used(GradeResult grade, String name) {
        var evidence = grade.evidence().get(name);
        return evidence == null || !evidence.used() ? null : evidence.score();
    }

    private static OptionalDouble mean(
            List<GradeResult> results, Function<GradeResult, @Nullable Double> value) {
        return results.stream()
                .map(value)
                .filter(Objects::nonNull)
                .mapToDouble(Double::doubleValue)
                .average();
    }

    private static String number(@Nullable Double v) {
        return v == null ? "-" : String.format(Locale.ROOT, "%.3f", v);
    }

    private static com.github.freva.asciitable.ColumnData<RunTrend> left(
            String title, Function<RunTrend, String> value) {
        return Columns.left(title, 60, value);
    }
}
