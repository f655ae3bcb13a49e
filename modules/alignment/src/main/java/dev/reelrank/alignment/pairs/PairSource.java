package dev.reelrank.alignment.pairs;

/** A way to make preference pairs of a sample. */
public interface PairSource {
    /** The name that stands in every pair and in the command: {@code ranking}, {@code metric:x}. */
    String id();

    /**
     * Draws the pairs of one sample.
     *
     * @return the pairs, and a reason for each comparison that gave none
     */
    Drawn draw(JudgedSample sample);
}
