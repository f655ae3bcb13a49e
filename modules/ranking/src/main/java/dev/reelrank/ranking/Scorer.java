package dev.reelrank.ranking;

/** A rule that turns measures into one number; the candidate with the largest wins. */
@FunctionalInterface
public interface Scorer {
    /** Larger is better. Finite for finite measures. */
    double score(Measures measures);
}
