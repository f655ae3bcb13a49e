package dev.reelrank.worker.store;

import java.time.Duration;

/**
 * How long an S3 server may take. One that is frozen accepts connections and says nothing: without
 * these a call would never end.
 *
 * @param connect to open a connection
 * @param silence between two bytes
 * @param attempt of one attempt, up to the first byte of what is read
 * @param call of all attempts together
 * @param check of {@link S3Store#check}
 */
record S3Deadlines(
        Duration connect, Duration silence, Duration attempt, Duration call, Duration check) {
    static final S3Deadlines STANDARD =
            new S3Deadlines(
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(20),
                    Duration.ofMinutes(1),
                    Duration.ofMinutes(3),
                    Duration.ofSeconds(5));

    /** A server that sends a byte now and then is away as well. */
    private static final long SLOWEST_BYTES_A_SECOND = 64 << 10;

    /** How long an object of this size may take to be read. */
    Duration reading(long bytes) {
        return call.plusSeconds(bytes / SLOWEST_BYTES_A_SECOND);
    }
}
