package dev.reelrank.worker.shell;

import dev.reelrank.pipeline.stage.Stage;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Time limits of a worker: for waiting, yielding and giving up. Tests and accelerated benchmarks
 * shorten them.
 *
 * @param leaseWait how long a record is kept while its worker waits for the device; then it is
 *     returned if another member of the group could take it
 * @param emptyYield a holder whose queue has been empty this long yields to a waiter
 * @param residentLoads a holder with work yields once it has been resident for this many times its
 *     load time, at least 0
 * @param giveUp how long EXTERNAL and RESOURCES failures are waited out before work is returned
 * @param longestPause between two tries
 * @param stallAfter work without progress for so long is cancelled; null: as long as its stage says
 * @param quarantineAfter how long work that a newer build wrote is kept
 */
public record LoopSettings(
        Duration leaseWait,
        Duration emptyYield,
        double residentLoads,
        Duration giveUp,
        Duration longestPause,
        @Nullable Duration stallAfter,
        Duration quarantineAfter) {
    public static LoopSettings defaults() {
        return new LoopSettings(
                Duration.ofSeconds(60),
                Duration.ofSeconds(2),
                10,
                Duration.ofMinutes(10),
                Duration.ofSeconds(30),
                null,
                Duration.ofSeconds(60));
    }

    /** How long work of a stage may make no progress. */
    Duration patience(Stage<?, ?> stage) {
        return stallAfter != null ? stallAfter : stage.patience();
    }
}
