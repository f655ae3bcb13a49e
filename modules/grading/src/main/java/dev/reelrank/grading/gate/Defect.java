package dev.reelrank.grading.gate;

import org.jspecify.annotations.Nullable;

/**
 * Something that speaks against a video.
 *
 * @param measure such as {@code benchmark.warping_error_dis}, or the rule that found it
 * @param value what was measured, null for a rule
 * @param limit what it may at most or must at least be, null for a rule
 * @param decision what it calls for, never {@link Decision#KEEP}
 * @param text one sentence for people
 */
public record Defect(
        String measure,
        @Nullable Double value,
        @Nullable Double limit,
        Decision decision,
        String text) {}
