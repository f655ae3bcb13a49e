package dev.reelrank.console.facts;

import dev.reelrank.client.results.RunView;
import dev.reelrank.client.results.SampleView;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.AdapterUpdated;
import dev.reelrank.pipeline.event.DeadLetter;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.event.ProgressReported;
import dev.reelrank.pipeline.event.QualityStandards;
import dev.reelrank.pipeline.event.RunUpdated;
import dev.reelrank.pipeline.event.SampleFact;
import dev.reelrank.pipeline.event.SampleUpdated;
import dev.reelrank.pipeline.event.SelectionMade;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.event.VoteCast;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the topics say, in memory. Events may come in any order and more than once. Thread-safe: one
 * thread applies events, any number read.
 */
public final class Facts {
    private final Map<String, RunFacts> runs = new HashMap<>();
    private final Map<String, BlobRef> blobs = new HashMap<>();
    private final Map<String, VoteCast> votes = new LinkedHashMap<>();
    private final Set<String> selections = new HashSet<>();
    private final Map<String, WorkerRow> workers = new HashMap<>();
    private final Map<String, DeadLetter> dead = new LinkedHashMap<>();
    private final Map<String, AdapterUpdated> adapters = new TreeMap<>();
    private final Map<String, Training> trainings = new TreeMap<>();
    private @Nullable QualityStandards standards;
    private @Nullable String trouble;
    private boolean caughtUp;
    private long revision;

    /**
     * A worker that was heard of.
     *
     * @param lastWord when it last reported a step or a result
     * @param work what it last worked on
     */
    public record WorkerRow(
            String worker,
            String host,
            String device,
            String deviceKind,
            Instant lastWord,
            String work) {}

    /** Takes events into account. */
    public synchronized void apply(Collection<Event> events) {
        events.forEach(this::take);
        if (!events.isEmpty()) {
            revision++;
        }
    }

    private void take(Event event) {
        if (event instanceof RunUpdated e) {
            run(e.runId()).apply(e);
        } else if (event instanceof SampleUpdated e) {
            run(e.runId()).apply(e);
        } else if (event instanceof SampleFact e) {
            // A client says where it is: never in place of what a worker has said.
            blobs.putIfAbsent(e.image().sha256(), e.image());
            run(e.runId()).apply(e);
        } else if (event instanceof StageFact e) {
            e.result().blobs().forEach(b -> blobs.put(b.sha256(), b));
            run(e.work().runId()).apply(e);
            heard(e.producer(), e.at(), e.work().sampleId() + " " + e.work().stage().id());
        } else if (event instanceof ProgressReported e) {
            if (e.work().stage().equals(StageName.ALIGN)) {
                trainings.computeIfAbsent(e.work().sampleId(), name -> new Training()).take(e);
            } else {
                run(e.work().runId()).progress(e);
            }
            heard(
                    e.producer(),
                    e.at(),
                    "%s %s, step %d of %d"
                            .formatted(
                                    e.work().sampleId(), e.work().stage().id(), e.step(), e.of()));
        } else if (event instanceof VoteCast e) {
            votes.put(e.voteId(), e);
        } else if (event instanceof SelectionMade e) {
            selections.add(e.pair().selectionId());
        } else if (event instanceof QualityStandards e) {
            standards = e;
        } else if (event instanceof AdapterUpdated e) {
            e.curves().values().forEach(b -> blobs.put(b.sha256(), b));
            if (e.report() != null) {
                blobs.put(e.report().sha256(), e.report());
            }
            adapters.put(e.adapter().id(), e);
        } else if (event instanceof DeadLetter e) {
            String key =
                    e.work() == null
                            ? String.valueOf(e.source())
                            : e.work().workId() + "/" + e.work().epoch();
            dead.put(key, e);
        }
    }

    private void heard(dev.reelrank.pipeline.event.Producer who, Instant at, String work) {
        workers.merge(
                who.worker() + "@" + who.host(),
                new WorkerRow(who.worker(), who.host(), who.device(), who.deviceKind(), at, work),
                (a, b) -> a.lastWord().isAfter(b.lastWord()) ? a : b);
    }

    private RunFacts run(String id) {
        return runs.computeIfAbsent(id, RunFacts::new);
    }

    /** Rises with every change. */
    public synchronized long revision() {
        return revision;
    }

    /** Says what keeps the facts from being up to date; null when they are. */
    public synchronized void trouble(@Nullable String what) {
        if (!java.util.Objects.equals(trouble, what)) {
            trouble = what;
            revision++;
        }
    }

    /** Why the facts are not up to date, empty when they are. */
    public synchronized Optional<String> trouble() {
        return Optional.ofNullable(trouble);
    }

    /** Says that everything that stood on the topics at the start has been read. */
    public synchronized void caughtUp() {
        // The first page that somebody opens then waits for no row.
        runs.values().forEach(RunFacts::row);
        caughtUp = true;
    }

    /** Whether everything that stood on the topics at the start has been read. */
    public synchronized boolean isCaughtUp() {
        return caughtUp;
    }

    /** Every run that has samples or a state, the latest first. */
    public synchronized List<RunRow> runs() {
        return runs.values().stream()
                .filter(RunFacts::shown)
                .map(RunFacts::row)
                .sorted(
                        Comparator.comparing(
                                        (RunRow r) ->
                                                r.openedAt() == null ? Instant.MAX : r.openedAt())
                                .reversed()
                                .thenComparing(RunRow::runId))
                .toList();
    }

    public synchronized Optional<RunRow> runRow(String runId) {
        return known(runId).map(RunFacts::row);
    }

    /** Whether a user deleted this run. */
    public synchronized boolean isDeleted(String runId) {
        RunFacts run = runs.get(runId);
        return run != null && run.view().deleted();
    }

    /** The samples of a run by id; empty if there is no such run. */
    public synchronized List<SampleRow> samples(String runId) {
        return known(runId).map(RunFacts::rows).orElse(List.of());
    }

    /**
     * Asks one run a question while nothing changes. The function must not keep the view.
     *
     * @return empty if there is no such run
     */
    public synchronized <R> Optional<R> run(String runId, Function<RunView, R> question) {
        return known(runId).map(r -> question.apply(r.view()));
    }

    /** Asks one sample a question while nothing changes. The function must not keep the view. */
    public synchronized <R> Optional<R> sample(
            String runId, String sampleId, Function<SampleView, R> question) {
        return known(runId).map(r -> r.view().samples().get(sampleId)).map(question);
    }

    /** The latest step of every piece of work of a sample that reports steps. */
    public synchronized List<ProgressReported> progress(String runId, String sampleId) {
        return known(runId).map(r -> r.progress(sampleId)).orElse(List.of());
    }

    private Optional<RunFacts> known(String runId) {
        return Optional.ofNullable(runs.get(runId)).filter(RunFacts::shown);
    }

    /** A blob that some fact names; nothing else is ever served. */
    public synchronized Optional<BlobRef> blob(String sha256) {
        return Optional.ofNullable(blobs.get(sha256));
    }

    /** Whether a vote or a withdrawal of this id is on its topic. */
    public synchronized boolean isCast(String voteId) {
        return votes.containsKey(voteId);
    }

    /** Every vote that stands, oldest first: without those taken back. */
    public List<VoteCast> votes() {
        return votes(List.of());
    }

    /**
     * The same as if some had come already.
     *
     * @param more votes and withdrawals, on their topic or not
     */
    public synchronized List<VoteCast> votes(Collection<VoteCast> more) {
        Map<String, VoteCast> all = new HashMap<>(votes);
        more.forEach(v -> all.put(v.voteId(), v));
        var withdrawn = new HashSet<String>();
        all.values().stream()
                .filter(v -> v.supersedes() != null)
                .forEach(v -> withdrawn.add(v.supersedes()));
        return all.values().stream()
                .filter(v -> v.supersedes() == null && !withdrawn.contains(v.voteId()))
                .sorted(Comparator.comparing(VoteCast::at).thenComparing(VoteCast::voteId))
                .toList();
    }

    /** Whether a selection of this id is on its topic. */
    public synchronized boolean isSelected(String selectionId) {
        return selections.contains(selectionId);
    }

    /** Workers by name. */
    public synchronized List<WorkerRow> workers() {
        return workers.values().stream()
                .sorted(Comparator.comparing(WorkerRow::worker).thenComparing(WorkerRow::host))
                .toList();
    }

    /** Dead letters, the latest first. */
    public synchronized List<DeadLetter> dead() {
        return dead.values().stream()
                .sorted(Comparator.comparing(DeadLetter::at).reversed())
                .toList();
    }

    /** Dead letters of one sample, the earliest first. */
    public synchronized List<DeadLetter> dead(String runId, String sampleId) {
        return dead.values().stream()
                .filter(
                        d ->
                                d.work() != null
                                        && d.work().runId().equals(runId)
                                        && d.work().sampleId().equals(sampleId))
                .sorted(Comparator.comparing(DeadLetter::at))
                .toList();
    }

    /** The preference model in force, empty before the first training. */
    public synchronized Optional<QualityStandards> standards() {
        return Optional.ofNullable(standards);
    }

    /** The latest word on every version of every adapter, the latest first. */
    public synchronized List<AdapterUpdated> adapters() {
        return adapters.values().stream()
                .sorted(Comparator.comparing(AdapterUpdated::at).reversed())
                .toList();
    }

    /** The steps of trainings that were reported within the last hour, by the adapter's name. */
    public synchronized Map<String, List<ProgressReported>> trainings() {
        var all = new TreeMap<String, List<ProgressReported>>();
        trainings.forEach((name, training) -> all.put(name, training.steps()));
        return all;
    }
}
