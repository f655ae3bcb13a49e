package dev.reelrank.grading.preference;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code s(x) = w · (x − mean) / scale}: how much more a video is liked than the average one of the
 * selections.
 *
 * @param features their names, in order; a model answers only for the same ones
 * @param mean of each feature over the training videos
 * @param scale of each feature, above 0
 * @param weights one per feature
 * @param spread standard deviation of s over the videos it was trained on, at least 0
 * @param learned ids of the selections it was trained on, oldest first: on any other it has never
 *     looked, so they can judge it
 */
public record PreferenceModel(
        List<String> features,
        double[] mean,
        double[] scale,
        double[] weights,
        double spread,
        @Nullable List<String> learned) {
    public PreferenceModel {
        features = List.copyOf(features);
        learned = learned == null ? List.of() : List.copyOf(learned);
        if (mean.length != features.size()
                || scale.length != features.size()
                || weights.length != features.size()) {
            throw new IllegalArgumentException(
                    "one mean, scale and weight a feature; there are %d features, %d means, %d scales, %d weights"
                            .formatted(features.size(), mean.length, scale.length, weights.length));
        }
    }

    /** The logit s(x); 0 is the average video. */
    public double logit(double[] x) {
        if (x.length != weights.length) {
            throw new IllegalArgumentException(
                    "the model has %d features, the video %d".formatted(weights.length, x.length));
        }
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += weights[i] * (x[i] - mean[i]) / scale[i];
        }
        return sum;
    }

    /**
     * How much this video is liked, compared with the videos of the selections, 0..1: 0.5 is the
     * average one, 0.73 one that is a standard deviation above it. The score of the preference
     * evidence.
     *
     * <p>Selections compare videos of one sample only. How a video of another sample compares is
     * not known but extrapolated, over differences that are far larger: taken at its word, the
     * logit would say 0 or 1 of nearly every video.
     */
    public double estimate(double[] x) {
        return sigmoid(logit(x) / Math.max(1, spread));
    }

    /** Bradley and Terry: the probability that {@code a} is preferred to {@code b}, 0..1. */
    public double prefers(double[] a, double[] b) {
        return sigmoid(logit(a) - logit(b));
    }

    static double sigmoid(double z) {
        return 1 / (1 + Math.exp(-z));
    }
}
