package dev.reelrank.diffusion;

/**
 * A number that a family takes beyond what every generator has.
 *
 * @param min smallest value
 * @param max largest value
 * @param doc what it does, one line without a full stop
 */
public record ParameterRange(double min, double max, String doc) {
    public boolean allows(double value) {
        return value >= min && value <= max;
    }
}
