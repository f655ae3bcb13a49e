package dev.reelrank.ranking;

/**
 * What was measured on one scored frame.
 *
 * @param frame index in the video
 * @param maskedIdentity cosine of the subject's crop with the reference's, −1..1
 * @param fullIdentity cosine of the full images, −1..1
 * @param concentration raw patch concentration
 * @param previous cosine with the embedding of the scored frame before, −1..1; NaN for the first
 * @param brightness mean of 0.299 R + 0.587 G + 0.114 B, 0..1
 */
public record FrameMeasures(
        int frame,
        double maskedIdentity,
        double fullIdentity,
        double concentration,
        double previous,
        double brightness) {}
