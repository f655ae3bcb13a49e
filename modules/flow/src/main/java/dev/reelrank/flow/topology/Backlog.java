package dev.reelrank.flow.topology;

import java.time.Duration;
import java.time.Instant;

/**
 * Whether a task is behind with reading, by the age of the records it reads: then the outcome of
 * work that seems to have vanished may be among what it has not read yet. For one thread.
 *
 * <p>A worker whose clock is late makes every record look old; so being behind without end is no
 * longer believed.
 */
final class Backlog {
    /** Records older than this when they are read say that there are more. */
    private static final Duration OLD = Duration.ofSeconds(3);

    private final Duration patience;
    private Instant since;
    private Instant last;

    /**
     * @param start the task begins: it may have been away for long
     * @param patience the longest time for which a backlog is taken to be real
     */
    Backlog(Instant start, Duration patience) {
        this.since = start;
        this.last = start;
        this.patience = patience;
    }

    /** A record is read. */
    void read(Instant written, Instant now) {
        if (!written.plus(OLD).isBefore(now)) {
            return;
        }
        if (last.plus(OLD).isBefore(now)) {
            since = now;
        }
        last = now;
    }

    boolean behind(Instant now) {
        return !last.plus(OLD).isBefore(now) && now.isBefore(since.plus(patience));
    }
}
