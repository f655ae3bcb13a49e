package dev.reelrank.worker.shell;

import dev.reelrank.worker.lease.Capacity;
import dev.reelrank.worker.lease.Claim;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The cores that a batch computes with. On a GPU none are reserved, and every turn comes at once.
 *
 * @param reserved by each batch; 0 for none
 */
record Cores(Capacity capacity, int reserved, String holder) {
    Turn ask() {
        return new Turn(reserved == 0 ? null : capacity.ask(reserved, holder));
    }

    /** Threads that a batch may use, at least 1. */
    int count() {
        return reserved == 0 ? Runtime.getRuntime().availableProcessors() : reserved;
    }

    /** A place in the line for cores; closing it gives them back. */
    record Turn(@Nullable Claim claim) implements AutoCloseable {
        boolean await(BooleanSupplier stop) throws InterruptedException {
            return claim == null || claim.await(stop);
        }

        @Override
        public void close() {
            if (claim != null) {
                claim.close();
            }
        }
    }
}
