package dev.reelrank.grading.preference;

/**
 * A selection as numbers.
 *
 * @param id of the selection; it decides, once and for ever, whether the pair is held out
 * @param chosen features of the preferred video
 * @param rejected features of the other
 */
public record FeaturePair(String id, double[] chosen, double[] rejected) {}
