package dev.reelrank.console.facts;

import dev.reelrank.client.results.RunView;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.event.ProgressReported;
import dev.reelrank.pipeline.event.RunUpdated;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** One run's facts, with the rows that lists show. Not thread-safe: {@link Facts} guards it. */
final class RunFacts {
    private final RunView view;

    /** Built when they are asked for, so that reading a long history costs nothing. */
    private final Map<String, SampleRow> rows = new HashMap<>();

    private final Map<String, Map<String, ProgressReported>> progress = new HashMap<>();

    RunFacts(String runId) {
        this.view = new RunView(runId);
    }

    RunView view() {
        return view;
    }

    /** Whether there is something to show: deleted runs are no longer shown. */
    boolean shown() {
        return !view.deleted() && (view.run().isPresent() || !view.samples().isEmpty());
    }

    void apply(Event event) {
        view.apply(event).ifPresent(sample -> rows.remove(sample.sampleId()));
    }

    void progress(ProgressReported step) {
        var ofSample = progress.computeIfAbsent(step.work().sampleId(), id -> new HashMap<>());
        ofSample.put(step.work().workId(), step);
    }

    List<ProgressReported> progress(String sampleId) {
        return List.copyOf(progress.getOrDefault(sampleId, Map.of()).values());
    }

    List<SampleRow> rows() {
        var all = new ArrayList<SampleRow>(view.samples().size());
        view.samples()
                .forEach(
                        (id, sample) ->
                                all.add(rows.computeIfAbsent(id, i -> SampleRow.of(sample))));
        return all;
    }

    RunRow row() {
        List<SampleRow> samples = rows();
        long compute = samples.stream().mapToLong(SampleRow::computeMillis).sum();
        var scores = samples.stream().map(SampleRow::score).filter(Objects::nonNull).toList();
        Double mean =
                scores.isEmpty()
                        ? null
                        : scores.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
        if (view.run().isEmpty()) {
            return new RunRow(
                    view.runId(),
                    "waiting",
                    samples.size(),
                    0,
                    0,
                    0,
                    null,
                    null,
                    compute,
                    null,
                    mean);
        }
        RunUpdated run = view.run().get();
        int ended = run.done() + run.failed();
        double hours = Duration.between(run.openedAt(), run.at()).toMillis() / 3_600_000.0;
        return new RunRow(
                view.runId(),
                run.status().name().toLowerCase(Locale.ROOT),
                Math.max(run.expected(), samples.size()),
                run.done(),
                run.failed(),
                run.partial(),
                run.openedAt(),
                run.at(),
                compute,
                ended == 0 || hours <= 0 ? null : ended / hours,
                mean);
    }
}
