package dev.reelrank.bus;

import java.time.Duration;

/**
 * Settings of a worker's queue.
 *
 * @param member this worker's name as the cluster shows it
 * @param lock how long the broker keeps a record for a worker that says nothing; it is renewed
 *     every third of it. Clamped to the broker's bounds (15 to 60 s unless the broker widens them)
 */
public record QueueSettings(String member, Duration lock) {
    /** A lock of 30 s. */
    public static QueueSettings of(String member) {
        return new QueueSettings(member, Duration.ofSeconds(30));
    }
}
