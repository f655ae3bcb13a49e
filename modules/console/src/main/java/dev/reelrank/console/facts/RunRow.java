package dev.reelrank.console.facts;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One run, as lists show it.
 *
 * @param status open, closed or done; waiting before flow has taken it in
 * @param expected number of samples
 * @param computeMillis time on devices, without what was found in the store
 * @param perHour samples that ended per hour, null before one has ended
 * @param meanScore of the samples that have a grade, 0..1, null without any
 */
public record RunRow(
        String runId,
        String status,
        int expected,
        int done,
        int failed,
        int partial,
        @Nullable Instant openedAt,
        @Nullable Instant at,
        long computeMillis,
        @Nullable Double perHour,
        @Nullable Double meanScore) {

    /** The share of samples that have ended, 0..1. */
    public double progress() {
        return expected == 0 ? 0 : Math.min(1, (done + failed) / (double) expected);
    }
}
