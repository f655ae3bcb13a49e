package dev.reelrank.testsupport;

/** How far computed numbers are from expected ones. */
public final class RelativeError {
    private RelativeError() {}

    /**
     * The largest absolute difference by the largest absolute expected value.
     *
     * @throws AssertionError if the lengths differ, or a value is not a number
     */
    public static double of(float[] actual, float[] expected) {
        if (actual.length != expected.length) {
            throw new AssertionError(actual.length + " values, expected " + expected.length);
        }
        double difference = 0;
        double scale = 0;
        for (int i = 0; i < actual.length; i++) {
            if (!Float.isFinite(actual[i])) {
                throw new AssertionError("value " + i + " is " + actual[i]);
            }
            difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
            scale = Math.max(scale, Math.abs(expected[i]));
        }
        return difference / scale;
    }
}
