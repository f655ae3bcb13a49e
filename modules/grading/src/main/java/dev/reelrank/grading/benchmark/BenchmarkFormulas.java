package dev.reelrank.grading.benchmark;

import dev.reelrank.pipeline.RgbImage;
import java.util.List;

/** The formulas. */
public final class BenchmarkFormulas {
    private BenchmarkFormulas() {}

    /**
     * Subject and background consistency: mean over frames i ≥ 1 of {@code (relu cos(i, i−1) + relu
     * cos(i, 0)) / 2}; 1 for a single frame (VBench, subject_consistency.py).
     */
    public static double consistency(List<float[]> embeddings) {
        if (embeddings.size() < 2) {
            return 1;
        }
        double sum = 0;
        for (int i = 1; i < embeddings.size(); i++) {
            double previous = Math.max(0, cosine(embeddings.get(i), embeddings.get(i - 1)));
            double first = Math.max(0, cosine(embeddings.get(i), embeddings.get(0)));
            sum += (previous + first) / 2;
        }
        return sum / (embeddings.size() - 1);
    }

    /**
     * Likeness to the input image: {@code 0.4·max sim + 0.3·mean consecutive + 0.3·min consecutive}
     * (VBench, vbench2_beta_i2v). Without consecutive frames those terms are 1.
     */
    public static double likeness(float[] input, List<float[]> frames) {
        double most = -1;
        for (float[] f : frames) {
            most = Math.max(most, cosine(input, f));
        }
        double sum = 0;
        double least = 1;
        for (int i = 1; i < frames.size(); i++) {
            double c = cosine(frames.get(i), frames.get(i - 1));
            sum += c;
            least = Math.min(least, c);
        }
        double mean = frames.size() < 2 ? 1 : sum / (frames.size() - 1);
        return 0.4 * most + 0.3 * mean + 0.3 * least;
    }

    /**
     * Temporal flickering: {@code (255 − mean absolute difference of consecutive frames) / 255}; 1
     * for a single frame.
     */
    public static double steadiness(List<RgbImage> frames) {
        if (frames.size() < 2) {
            return 1;
        }
        double sum = 0;
        for (int i = 1; i < frames.size(); i++) {
            sum += difference(frames.get(i), frames.get(i - 1));
        }
        return steadiness(sum / (frames.size() - 1));
    }

    /**
     * The same from the mean difference of neighbours, 0..255, for who does not keep the frames.
     */
    public static double steadiness(double difference) {
        return (255 - difference) / 255;
    }

    /** Mean absolute difference of two pictures of one size, 0..255. */
    public static double difference(RgbImage a, RgbImage b) {
        long sum = 0;
        for (int i = 0; i < a.rgb().length; i++) {
            sum += Math.abs((a.rgb()[i] & 0xff) - (b.rgb()[i] & 0xff));
        }
        return (double) sum / a.rgb().length;
    }

    /**
     * Motion smoothness from dropped frames and their interpolations: {@code (255 − mean absolute
     * difference) / 255}.
     */
    public static double smoothness(List<RgbImage> dropped, List<RgbImage> interpolated) {
        if (dropped.isEmpty()) {
            return 1;
        }
        double sum = 0;
        for (int i = 0; i < dropped.size(); i++) {
            sum += difference(dropped.get(i), interpolated.get(i));
        }
        return (255 - sum / dropped.size()) / 255;
    }

    /**
     * Dynamic degree: how far enough pairs of frames move, in units of VBench's bar. A pair moves
     * by the mean of its fastest 5 % of pixels; the bar is {@code 6·min(H, W)/256}, enough are
     * {@code round(4·N/16)} of N sampled frames. VBench's own answer, yes or no, is whether this
     * exceeds 1.
     *
     * @param fastest one value a pair: the mean of its fastest 5 %, pixels
     * @return at least 0; 0 when there are not enough pairs
     */
    public static double dynamicDegree(double[] fastest, int height, int width, int frames) {
        int enough = (int) Math.max(1, Math.round(4.0 * frames / 16));
        if (fastest.length < enough) {
            return 0;
        }
        double[] sorted = fastest.clone();
        java.util.Arrays.sort(sorted);
        return sorted[sorted.length - enough] / (6.0 * Math.min(height, width) / 256);
    }

    /** The mean of the largest share of values. */
    public static double meanOfLargest(float[] values, double share) {
        float[] sorted = values.clone();
        java.util.Arrays.sort(sorted);
        int count = Math.max(1, (int) (sorted.length * share));
        double sum = 0;
        for (int i = sorted.length - count; i < sorted.length; i++) {
            sum += sorted[i];
        }
        return sum / count;
    }

    /** The cosine of two vectors; 0 if one of them has no length. */
    public static double cosine(float[] a, float[] b) {
        double dot = 0;
        double x = 0;
        double y = 0;
        for (int i = 0; i < a.length; i++) {
            dot += (double) a[i] * b[i];
            x += (double) a[i] * a[i];
            y += (double) b[i] * b[i];
        }
        return x == 0 || y == 0 ? 0 : dot / Math.sqrt(x * y);
    }
}
