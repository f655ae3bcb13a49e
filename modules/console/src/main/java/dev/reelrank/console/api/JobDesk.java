package dev.reelrank.console.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.client.RunReading;
import dev.reelrank.client.Session;
import dev.reelrank.client.results.RunView;
import dev.reelrank.client.results.SampleView;
import dev.reelrank.client.run.SampleRequests;
import dev.reelrank.client.run.Submission;
import dev.reelrank.console.facts.Facts;
import dev.reelrank.console.web.Problem;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.Deadline;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Sha256;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.event.RunDeleted;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Takes jobs in, cancels and deletes them. Writes to the topics under no common lock, so that a
 * broker that is away keeps nobody from asking how far a job is.
 */
final class JobDesk {
    static final String PREFIX = "video-";

    /** The one sample of a job's run. */
    static final String SAMPLE = "video";

    private static final String BY = "http";
    private static final int LONGEST_KEY = 255;
    private static final int LOCKS = 64;
    private static final Duration DELETION = Duration.ofSeconds(10);

    private final Session session;
    private final Facts facts;
    private final Clock clock;
    private final SampleRequests requests;
    private final RecentJobs recent = new RecentJobs();

    /** Two requests with one key take turns; others do not wait for them. */
    private final List<Object> locks =
            IntStream.range(0, LOCKS).mapToObj(i -> new Object()).toList();

    JobDesk(Session session, Facts facts, Clock clock) {
        this.session = session;
        this.facts = facts;
        this.clock = clock;
        this.requests = new SampleRequests(e -> session.publisher().publish(e), clock);
    }

    /**
     * Submits a job, or finds the one that the same key submitted.
     *
     * @param key of idempotency, null for none
     * @throws Problem 400 for a key that is none, 409 if the key was used for another request
     */
    ObjectNode submit(@Nullable String key, VideoRequest request) {
        if (key == null) {
            return submit(PREFIX + UUID.randomUUID().toString().replace("-", ""), false, request);
        }
        if (key.isBlank() || key.length() > LONGEST_KEY) {
            throw Problem.invalid(
                    "Idempotency-Key",
                    "Idempotency-Key must have 1 to %d characters".formatted(LONGEST_KEY));
        }
        String id = PREFIX + Sha256.of(key).substring(0, 32);
        synchronized (locks.get(Math.floorMod(id.hashCode(), LOCKS))) {
            return submit(id, true, request);
        }
    }

    private ObjectNode submit(String id, boolean repeatable, VideoRequest request) {
        BlobRef image = session.store().putBlob(request.image(), request.mediaType());
        var item = new Submission.Item(SAMPLE, request.prompt(), image, request.subject(), null);
        var job = new RecentJobs.Job(item, request.configuration(), clock.instant());
        if (repeatable && facts.isDeleted(id)) {
            throw reused("its video was deleted");
        }
        Optional<RecentJobs.Job> before = recent.find(id);
        if (before.isPresent() && !before.get().sameAs(job)) {
            throw reused("it had another prompt, image or configuration");
        }
        try {
            new Submission(session.publisher(), session.store(), clock)
                    .send(
                            repeatable ? before(id) : new RunView(id),
                            "http-" + id,
                            List.of(item),
                            request.configuration());
        } catch (StageException e) {
            if (e.code() == FailureCode.INVALID_CONFIG) {
                throw reused(String.valueOf(e.getMessage()));
            }
            throw e;
        }
        recent.put(id, before.orElse(job));
        return job(id);
    }

    /** The facts in memory know every run, unless there is none of this id. */
    private RunView before(String id) {
        boolean isNew = facts.isCaughtUp() && facts.runRow(id).isEmpty();
        return isNew ? new RunView(id) : RunReading.view(session, id);
    }

    private static Problem reused(String why) {
        return new Problem(
                        409,
                        "idempotency_key_reused",
                        "this Idempotency-Key was used for another request: " + why)
                .of("Idempotency-Key");
    }

    /**
     * How far a job is.
     *
     * @throws Problem 404 if there is none of this id
     */
    ObjectNode job(String id) {
        return facts.sample(id, SAMPLE, v -> VideoJob.of(id, v, facts.progress(id, SAMPLE)))
                .or(
                        () ->
                                facts.isDeleted(id)
                                        ? Optional.empty()
                                        : recent.find(id)
                                                .map(
                                                        j ->
                                                                VideoJob.queued(
                                                                        id,
                                                                        j.item().prompt(),
                                                                        j.configuration(),
                                                                        j.at())))
                .orElseThrow(() -> Problem.notFound("there is no video '" + id + "'"));
    }

    /**
     * Asks for the end of a job that is under way.
     *
     * @return the job as it is now
     * @throws Problem 404 if there is none, 409 if it has ended
     */
    ObjectNode cancel(String id) {
        ObjectNode job = job(id);
        if (hasEnded(id)) {
            throw new Problem(
                    409,
                    "already_ended",
                    "video '%s' has ended, so there is nothing to cancel".formatted(id));
        }
        requests.cancel(id, SAMPLE, BY);
        return job;
    }

    private boolean hasEnded(String id) {
        return facts.sample(id, SAMPLE, SampleView::terminal).orElse(false);
    }

    /**
     * Deletes a job that has ended, and returns when flow has done it.
     *
     * @throws Problem 404 if there is none, 409 while it is under way, 503 if flow does not answer
     */
    void delete(String id) {
        job(id);
        if (!hasEnded(id)) {
            throw new Problem(
                    409,
                    "not_ended",
                    "video '%s' is under way; wait for its end, or cancel it with POST /v1/videos/%s/cancel"
                            .formatted(id, id));
        }
        session.publisher().publish(new RunDeleted(id, BY, clock.instant()));
        Deadline limit = Deadline.in(DELETION);
        while (!facts.isDeleted(id)) {
            if (limit.passed()) {
                throw new Problem(
                        503,
                        "flow_away",
                        "the deletion of video '%s' is recorded, but flow has not done it within %d s; it does so as soon as it runs"
                                .formatted(id, DELETION.toSeconds()));
            }
            pause();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(50);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StageException(
                    FailureCode.BROKER_UNAVAILABLE, "interrupted while waiting for flow", e);
        }
    }
}
