package dev.reelrank.client;

import dev.reelrank.client.results.RunView;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.event.RunUpdated;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/** Reads what the facts say about runs. */
public final class RunReading {
    private RunReading() {}

    /**
     * One run, up to now.
     *
     * @throws StageException INVALID_CONFIG if there is no such run; the message names the latest
     *     ones
     */
    public static RunView one(Session session, String runId) {
        var view = new RunView(runId);
        try (var reader = session.reader(RunTopics.of(session.topics())).onlyRun(runId)) {
            reader.readToEnd(stored -> view.apply(stored.event()));
        }
        if (view.run().isEmpty() && view.samples().isEmpty() && !submitted(session, runId)) {
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

    /** Whether a run was submitted that flow has not taken note of yet. */
    private static boolean submitted(Session session, String runId) {
        var found = new AtomicBoolean();
        try (var reader = session.reader(List.of(session.topics().submissions())).onlyRun(runId)) {
            reader.readToEnd(stored -> found.set(true));
        }
        return found.get();
    }

    /** The latest word on every run, the oldest first. */
    public static Collection<RunUpdated> runs(Session session) {
        Map<String, RunUpdated> latest = new LinkedHashMap<>();
        try (var reader = session.reader(List.of(session.topics().runs()))) {
            reader.readToEnd(
                    stored -> {
                        if (stored.event() instanceof RunUpdated update) {
                            latest.put(update.runId(), update);
                        }
                    });
        }
        return latest.values();
    }

    public static List<RunUpdated> all(Session session) {
        var runs = new ArrayList<>(runs(session));
        runs.sort(java.util.Comparator.comparing(RunUpdated::openedAt));
        return runs;
    }
}
