package dev.reelrank.client.farm;

import java.time.Duration;

/**
 * When a child process counts as hung, and what follows its death.
 *
 * @param silence a heartbeat that has not changed for this time means that the process has stopped
 * @param firstSign how long it may take to its first heartbeat
 */
public record KeepAlive(Duration silence, Duration firstSign, Restart restart) {
    /** Of the processes of a farm: looking through model files comes before the first heartbeat. */
    public static final KeepAlive FARM =
            new KeepAlive(Duration.ofSeconds(15), Duration.ofMinutes(2), Restart.WITH_BACK_OFF);

    /** What follows when a process dies that was not asked to end. */
    public enum Restart {
        /**
         * It is restarted after a growing pause; after five deaths within a minute it is not, and
         * at once when another try would end the same way.
         */
        WITH_BACK_OFF,
        /** It is started again at once, however often it dies. */
        AT_ONCE,
        /** It stays dead. */
        NEVER
    }
}
