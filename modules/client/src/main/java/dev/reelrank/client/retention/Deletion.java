package dev.reelrank.client.retention;

import dev.reelrank.client.RunReading;
import dev.reelrank.client.Session;
import dev.reelrank.client.results.RunView;
import dev.reelrank.pipeline.Deadline;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.event.RunDeleted;
import dev.reelrank.pipeline.event.RunUpdated;
import dev.reelrank.pipeline.event.SampleUpdated;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Deletes runs: asks flow to, and waits for its answer. */
public final class Deletion {
    private final Session session;

    public Deletion(Session session) {
        this.session = session;
    }

    /**
     * Makes sure that a run may be deleted.
     *
     * @throws StageException INVALID_CONFIG if there is no such run, or samples of it are under way
     */
    public void requireDeletable(String runId) {
        RunView view = RunReading.one(session, runId);
        List<String> running =
                view.samples().values().stream()
                        .flatMap(s -> s.update().stream())
                        .filter(u -> u.status() == SampleUpdated.Status.RUNNING)
                        .map(SampleUpdated::sampleId)
                        .toList();
        if (!running.isEmpty()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "run %s cannot be deleted: %d of its samples are still in progress, for example %s; wait until they have ended"
                            .formatted(runId, running.size(), running.get(0)));
        }
        if (view.run().isEmpty()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "run %s cannot be deleted: flow has not processed its submission yet; try again later"
                            .formatted(runId));
        }
    }

    /**
     * Deletes runs.
     *
     * @param wait for flow's answer, at most so long
     * @return those that are deleted now; flow keeps a run whose samples are under way again
     */
    public Set<String> delete(Collection<String> runIds, Duration wait) {
        for (String runId : runIds) {
            session.publisher()
                    .publish(new RunDeleted(runId, System.getProperty("user.name"), Instant.now()));
        }
        var left = new HashSet<>(runIds);
        var deleted = new HashSet<String>();
        Deadline limit = Deadline.in(wait);
        try (var reader = session.reader(List.of(session.topics().runs()))) {
            while (!left.isEmpty() && !limit.passed()) {
                for (var stored : reader.poll(Duration.ofMillis(200))) {
                    if (stored.event() instanceof RunUpdated update
                            && update.status() == RunUpdated.Status.DELETED
                            && left.remove(update.runId())) {
                        deleted.add(update.runId());
                    }
                }
            }
        }
        return deleted;
    }
}
