package dev.reelrank.worker.compute;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.stage.Outcome;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Failures that nobody has named: they become outcomes, and never the end of a worker's loop. */
final class Unexpected {
    private static final Logger LOG = LoggerFactory.getLogger(Unexpected.class);

    private Unexpected() {}

    /**
     * @param what was being done, after "could not"
     */
    static <R> Outcome<R> failed(String what, Throwable e) {
        LOG.error("could not {}", what, e);
        return new Outcome.Failed<>(
                FailureCode.INTERNAL_ERROR, "could not " + what + ": " + e, e, null);
    }

    static <R> Outcome<R> outOfMemory(OutOfMemoryError e) {
        return new Outcome.Failed<>(
                FailureCode.OUT_OF_MEMORY,
                "the process ran out of memory: " + e.getMessage() + "; increase it with -Xmx",
                e,
                null);
    }
}
