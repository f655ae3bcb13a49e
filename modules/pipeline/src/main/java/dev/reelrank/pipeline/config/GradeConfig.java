package dev.reelrank.pipeline.config;

/**
 * How the winner is graded.
 *
 * @param weights of the five kinds of evidence
 * @param frames representative frames the vision-language model sees, 1..64
 * @param memoryBudgetGib no phase may need more, 0.1..1024
 */
public record GradeConfig(Weights weights, int frames, double memoryBudgetGib)
        implements StageConfig {
    /** Weights of the evidence; they are renormalised over what was computed. */
    public record Weights(
            double semantic,
            double spatial,
            double benchmark,
            double preference,
            double visionReward) {
        public Weights {
            Check.range("grade.weights.semantic", semantic, 0, 1);
            Check.range("grade.weights.spatial", spatial, 0, 1);
            Check.range("grade.weights.benchmark", benchmark, 0, 1);
            Check.range("grade.weights.preference", preference, 0, 1);
            Check.range("grade.weights.visionReward", visionReward, 0, 1);
        }
    }

    public GradeConfig {
        Check.range("grade.frames", frames, 1, 64);
        Check.range("grade.memoryBudgetGib", memoryBudgetGib, 0.1, 1024);
    }

    public static GradeConfig defaults() {
        return new GradeConfig(new Weights(0.25, 0.15, 0.20, 0.25, 0.15), 4, 24);
    }
}
