package dev.reelrank.console.api;

import dev.reelrank.client.run.Submission;
import dev.reelrank.pipeline.config.RunConfiguration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Jobs of this studio that may not have come back from the topics yet. Thread-safe. */
final class RecentJobs {
    private static final int MOST = 10_000;

    private final Map<String, Job> jobs =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Job> eldest) {
                    return size() > MOST;
                }
            };

    /**
     * A job as it was asked for.
     *
     * @param at when it was taken in
     */
    record Job(Submission.Item item, RunConfiguration configuration, Instant at) {
        boolean sameAs(Job other) {
            return item.equals(other.item) && configuration.equals(other.configuration);
        }
    }

    synchronized Optional<Job> find(String id) {
        return Optional.ofNullable(jobs.get(id));
    }

    synchronized void put(String id, Job job) {
        jobs.put(id, job);
    }
}
