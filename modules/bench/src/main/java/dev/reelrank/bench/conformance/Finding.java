package dev.reelrank.bench.conformance;

/**
 * How far one part of one model is from the original.
 *
 * @param kind of the model, as fixtures name it
 * @param part of the model
 * @param fixture its name
 * @param error what {@link #measure} says
 * @param limit the largest error that passes
 * @param measure relative: the largest difference over the largest value; differing: the share of
 *     values that differ
 */
record Finding(
        String kind, String part, String fixture, double error, double limit, String measure) {
    /** An error that is no number is none that passes. */
    boolean passes() {
        return error <= limit;
    }
}
