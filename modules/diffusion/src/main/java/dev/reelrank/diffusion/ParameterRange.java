package dev.reelrank.diffusion;

/**
 * A number that a family takes beyond what every generator has.
 *
 * @param min smallest value
 * @param max largest value
 * @param whole whether only whole numbers mean something
 * @param doc what it does, one line without a full stop
 */
public record ParameterRange(double min, double max, boolean whole, String doc) {
    /** Any number from one to the other. */
    public ParameterRange(double min, double max, String doc) {
        this(min, max, false, doc);
    }

    /** A count or a choice. */
    public static ParameterRange whole(int min, int max, String doc) {
        return new ParameterRange(min, max, true, doc);
    }

    /** Whether it can be this. */
    public boolean allows(double value) {
        return value >= min && value <= max && (!whole || value == Math.rint(value));
    }

    /** The rule in words, after "it must be". */
    public String rule() {
        return whole
                ? "a whole number from %d to %d".formatted((long) min, (long) max)
                : "between %s and %s".formatted(min, max);
    }
}
