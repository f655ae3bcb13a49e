package dev.reelrank.client.study;

import dev.reelrank.bus.EventReader;
import dev.reelrank.client.AdapterReading;
import dev.reelrank.client.RunTopics;
import dev.reelrank.client.Session;
import dev.reelrank.client.dataset.Dataset;
import dev.reelrank.client.farm.ChildState;
import dev.reelrank.client.results.RunView;
import dev.reelrank.client.results.SampleView;
import dev.reelrank.client.run.EditedPrompts;
import dev.reelrank.client.run.Submission;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.RunConfiguration;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The runs of a study. Runs that are there are not asked for again, and what is stored is not
 * computed again: of configurations that share videos, one goes first and the others find its
 * results. After an interruption, the same study goes on where it was.
 */
public final class StudyRuns {
    private static final Duration STEP = Duration.ofMillis(250);
    private static final Duration SUPERVISION = Duration.ofSeconds(2);

    private final Session session;
    private final Dataset dataset;
    private final String inputs;
    private final List<String> samples;
    private final Consumer<String> told;
    private final Map<String, RunView> views = new LinkedHashMap<>();
    private final Map<String, Long> counts = new HashMap<>();

    /**
     * @param inputs of the study, see {@link StudyInputs}: part of the runs' names
     * @param samples ids
     * @param told gets a line for people when a configuration has come further
     */
    public StudyRuns(
            Session session,
            Dataset dataset,
            String inputs,
            List<String> samples,
            Consumer<String> told) {
        this.session = session;
        this.dataset = dataset;
        this.inputs = inputs;
        this.samples = List.copyOf(samples);
        this.told = told;
    }

    /**
     * Carries the runs out.
     *
     * @return the run of each cell, by the cell's name
     * @throws StageException INVALID_CONFIG for a configuration that is refused, or when a process
     *     that is needed was given up
     */
    public Map<String, RunView> run(List<PlannedCell> cells) {
        var runs = new LinkedHashMap<String, PlannedCell>();
        cells.forEach(c -> runs.putIfAbsent(runId(c), c));
        runs.keySet().forEach(id -> views.put(id, new RunView(id)));
        var topics = RunTopics.of(session.topics());
        try (EventReader reader =
                session.reader(topics).onlyKeys(key -> views.containsKey(run(key)))) {
            reader.readToEnd(this::take);
            var configurations = new LinkedHashMap<String, RunConfiguration>();
            runs.forEach((id, cell) -> configurations.put(id, cell.configuration()));
            for (List<String> wave : Waves.of(configurations)) {
                send(runs, wave);
                follow(reader, runs, wave);
            }
        }
        var byCell = new LinkedHashMap<String, RunView>();
        cells.forEach(c -> byCell.put(c.name(), view(runId(c))));
        return byCell;
    }

    private String runId(PlannedCell cell) {
        return cell.runId(samples, inputs);
    }

    private static String run(String key) {
        int slash = key.indexOf('/');
        return slash < 0 ? key : key.substring(0, slash);
    }

    private void take(dev.reelrank.bus.StoredEvent stored) {
        views.values().forEach(v -> v.apply(stored.event()));
    }

    private void send(Map<String, PlannedCell> runs, List<String> wave) {
        for (String id : wave) {
            RunView view = view(id);
            if (view.ended(Set.of(submission(id)), samples)) {
                continue;
            }
            session.work();
            var sent =
                    new Submission(session.publisher(), session.store(), Clock.systemUTC())
                            .send(
                                    view,
                                    submission(id),
                                    dataset,
                                    samples,
                                    new EditedPrompts(null),
                                    AdapterReading.resolved(
                                            session,
                                            java.util.Objects.requireNonNull(runs.get(id))
                                                    .configuration(),
                                            view));
            sent.refused().forEach((sample, e) -> told.accept(sample + ": " + e.getMessage()));
            if (!sent.refused().isEmpty()) {
                throw new StageException(
                        FailureCode.INVALID_SAMPLE,
                        "the samples %s cannot be submitted; mend them, or name others in the study"
                                .formatted(sent.refused().keySet()));
            }
        }
    }

    private void follow(EventReader reader, Map<String, PlannedCell> runs, List<String> wave) {
        var open = new LinkedHashSet<>(wave);
        long looked = System.nanoTime();
        while (true) {
            open.removeIf(id -> tell(runs, id));
            if (open.isEmpty()) {
                return;
            }
            for (var stored : reader.poll(STEP)) {
                take(stored);
            }
            if (open.stream().allMatch(this::ended)) {
                // The topics are not ordered among each other.
                reader.readToEnd(this::take);
            }
            if (System.nanoTime() - looked > SUPERVISION.toNanos()) {
                requireFarm();
                looked = System.nanoTime();
            }
        }
    }

    /** Tells what is new about a run; true once it has ended. */
    private boolean tell(Map<String, PlannedCell> runs, String id) {
        long ended = view(id).samples().values().stream().filter(SampleView::terminal).count();
        Long before = counts.put(id, ended);
        if (before == null || before != ended) {
            told.accept(
                    "%s: %d of %d samples"
                            .formatted(
                                    java.util.Objects.requireNonNull(runs.get(id)).name(),
                                    ended,
                                    samples.size()));
        }
        return ended(id);
    }

    private boolean ended(String id) {
        return view(id).ended(Set.of(submission(id)), samples);
    }

    private RunView view(String id) {
        return java.util.Objects.requireNonNull(views.get(id));
    }

    private static String submission(String runId) {
        return runId + "-1";
    }

    private void requireFarm() {
        for (ChildState child : session.farm().children()) {
            if (child.gaveUp() != null) {
                throw new StageException(FailureCode.INVALID_CONFIG, child.gaveUp());
            }
        }
    }
}
