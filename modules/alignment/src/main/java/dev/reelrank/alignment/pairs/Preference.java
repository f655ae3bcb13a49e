package dev.reelrank.alignment.pairs;

/**
 * A person chose one candidate of a sample over another.
 *
 * @param selectionId unique
 * @param chosenSeed of the candidate that was preferred
 * @param rejectedSeed of the other one
 */
public record Preference(String selectionId, long chosenSeed, long rejectedSeed) {}
