package dev.reelrank.cli;

import java.util.Map;

/** A step of a training in one line. */
final class StepLine {
    private StepLine() {}

    /**
     * @param figures as a trainer tells them; without rewards of a training on winners alone
     */
    static String of(int step, int steps, Map<String, Double> figures) {
        return "step %d of %d  loss %.4f%s  gradient %.3g  %.2f s per step"
                .formatted(
                        step,
                        steps,
                        figures.get("loss"),
                        preference(figures),
                        figures.getOrDefault("gradientNorm", 0.0),
                        figures.getOrDefault("secondsPerStep", 0.0));
    }

    private static String preference(Map<String, Double> figures) {
        return figures.containsKey("accuracy")
                ? "  rewards %+.4f %+.4f  accuracy %.2f"
                        .formatted(
                                figures.getOrDefault("winnerReward", 0.0),
                                figures.getOrDefault("loserReward", 0.0),
                                figures.get("accuracy"))
                : "";
    }
}
