package dev.reelrank.console.facts;

import dev.reelrank.client.results.RunView;
import dev.reelrank.client.results.SampleView;
import dev.reelrank.pipeline.BlobRef;
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
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
            blobs.put(e.image().sha256(), e.image());
            run(e.runId()).apply(e);
        } else if (event instanceof StageFact e) {
            e.result().blobs().forEach(b -> blobs.put(b.sha256(), b));
            run(e.work().runId()).apply(e);
            heard(e.producer(), e.at(), e.work().sampleId() + " " + e.work().stage().id());
        } else if (event instanceof ProgressReported e) {
            run(e.work().runId()).progress(e);
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
        caughtUp = true;
    }

    /** Whether everything that stood on the topics at the start has been read. */
    public synchronized boolean isCaughtUp() {
        return caughtUp;
    }

    /** Every run that has samples or a state, the latest first. */
    public synchronized List<RunRow> runs() {
        return runs.values().stream()
                .filter(r -> r.view().run().isPresent() || !r.view().samples().isEmpty())
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
        return Optional.ofNullable(runs.get(runId))
                .filter(r -> r.view().run().isPresent() || !r.view().samples().isEmpty());
    }

    /** A blob that some fact names; nothing else is ever served. */
    public synchronized Optional<BlobRef> blob(String sha256) {
        return Optional.ofNullable(blobs.get(sha256));
    }

    /** Every vote that stands, oldest first: without those taken back. */
    public synchronized List<VoteCast> votes() {
        var withdrawn = new HashSet<String>();
        votes.values().stream()
                .filter(v -> v.supersedes() != null)
                .forEach(v -> withdrawn.add(v.supersedes()));
        var standing = new ArrayList<VoteCast>();
        for (VoteCast vote : votes.values()) {
            if (vote.supersedes() == null && !withdrawn.contains(vote.voteId())) {
                standing.add(vote);
            }
        }
        standing.sort(Comparator.comparing(VoteCast::at).thenComparing(VoteCast::voteId));
        return standing;
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

    /** The preference model in force, empty before the first training. */
    public synchronized Optional<QualityStandards> standards() {
        return Optional.ofNullable(standards);
    }
}
