package dev.reelrank.client;

import dev.reelrank.client.results.RunView;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.event.RunClosed;
import dev.reelrank.pipeline.event.RunUpdated;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Reads what the facts say about runs. */
public final class RunReading {
    private RunReading() {}

    /** What the facts say about a run up to now; without samples if there is no such run. */
    public static RunView view(Session session, String runId) {
        var view = new RunView(runId);
        try (var reader = session.reader(RunTopics.of(session.topics())).onlyRun(runId)) {
            reader.readToEnd(stored -> view.apply(stored.event()));
        }
        return view;
    }

    /**
     * One run, up to now.
     *
     * @throws StageException INVALID_CONFIG if there is no such run; the message names the latest
     *     ones
     */
    public static RunView one(Session session, String runId) {
        RunView view = view(session, runId);
        if (view.deleted()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "run %s was deleted at %s".formatted(runId, view.run().orElseThrow().at()));
        }
        if (view.run().isEmpty()
                && view.samples().isEmpty()
                && submissions(session, runId).isEmpty()) {
            List<String> known = all(session).stream().map(RunUpdated::runId).toList();
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "there is no run '%s' here; %s"
                            .formatted(
                                    runId,
                                    known.isEmpty()
                                            ? "there is none yet"
                                            : "the latest are "
                                                    + known.subList(
                                                            Math.max(0, known.size() - 5),
                                                            known.size())));
        }
        return view;
    }

    /** The closed submissions of a run that are still on their topic, whether flow has them yet. */
    public static Set<String> submissions(Session session, String runId) {
        var found = new TreeSet<String>();
        try (var reader = session.reader(List.of(session.topics().submissions())).onlyRun(runId)) {
            reader.readToEnd(
                    stored -> {
                        if (stored.event() instanceof RunClosed closed) {
                            found.add(closed.submissionId());
                        }
                    });
        }
        return found;
    }

    /** The latest word on every run, also on those that were deleted. */
    public static Collection<RunUpdated> runs(Session session) {
        Map<String, RunUpdated> latest = new LinkedHashMap<>();
        try (var reader = session.reader(List.of(session.topics().runs())).passOverNewer()) {
            reader.readToEnd(
                    stored -> {
                        if (stored.event() instanceof RunUpdated update) {
                            latest.put(update.runId(), update);
                        }
                    });
        }
        return latest.values();
    }

    /** The same, the oldest first, without those that were deleted. */
    public static List<RunUpdated> all(Session session) {
        var runs = new ArrayList<>(runs(session));
        runs.removeIf(r -> r.status() == RunUpdated.Status.DELETED);
        runs.sort(java.util.Comparator.comparing(RunUpdated::openedAt));
        return runs;
    }
}
