package dev.reelrank.grading.preference;

/**
 * A selection as numbers.
 *
 * @param id of the selection; one that stands there twice is learned once
 * @param sample what both are videos of. Pairs of one sample share videos, so they are held out
 *     together
 * @param chosen features of the preferred video
 * @param rejected features of the other
 */
public record FeaturePair(String id, String sample, double[] chosen, double[] rejected) {}
