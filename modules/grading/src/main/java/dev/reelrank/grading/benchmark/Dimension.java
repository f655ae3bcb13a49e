package dev.reelrank.grading.benchmark;

/**
 * One measure of a video.
 *
 * @param name with the model that was used, for example {@code subject_consistency_dinov3}
 * @param raw as the formula gives it
 * @param score normalised, 0..1
 * @param model what it was computed with
 */
public record Dimension(String name, double raw, double score, String model) {
    /** {@code (raw − min) / (max − min)}, clamped to 0..1. */
    public static Dimension of(String name, double raw, double min, double max, String model) {
        return new Dimension(name, raw, Math.min(1, Math.max(0, (raw - min) / (max - min))), model);
    }
}
