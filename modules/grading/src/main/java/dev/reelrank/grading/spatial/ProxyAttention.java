package dev.reelrank.grading.spatial;

/**
 * ProxyCLIP's attention (Lan et al., ECCV 2024, section 3.2): which patches a patch is made of, by
 * the similarity that another vision model sees between them. {@code A = γ·(S − β·mean(S))},
 * negative entries excluded, softmax by row; S are cosines.
 *
 * <p>Where nearly all patches are alike (a small thing on a plain ground) {@code β·mean(S)} passes
 * 1 and the method would exclude every entry, the diagonal's too. The bar is therefore never above
 * {@code (1 + mean(S)) / 2}, which changes nothing as long as mean(S) is at most 5/7.
 */
public final class ProxyAttention {
    /** The method's β. */
    public static final double BETA = 1.2;

    /** The method's γ. */
    public static final double GAMMA = 3.0;

    private ProxyAttention() {}

    /**
     * How much each patch attends to each, by likeness alone.
     *
     * @param features shape (n, width): a feature a patch
     * @return shape (n, n), rows sum to 1
     */
    public static float[] of(float[] features, int width) {
        int n = features.length / width;
        double[] norms = new double[n];
        for (int i = 0; i < n; i++) {
            double sum = 0;
            for (int k = 0; k < width; k++) {
                sum += (double) features[i * width + k] * features[i * width + k];
            }
            norms[i] = Math.max(Math.sqrt(sum), 1e-12);
        }
        float[] cosines = new float[n * n];
        double total = 0;
        for (int i = 0; i < n; i++) {
            for (int j = i; j < n; j++) {
                double dot = 0;
                for (int k = 0; k < width; k++) {
                    dot += (double) features[i * width + k] * features[j * width + k];
                }
                // A patch is like itself, even one without any feature.
                float cosine = i == j ? 1 : (float) (dot / (norms[i] * norms[j]));
                cosines[i * n + j] = cosine;
                cosines[j * n + i] = cosine;
                total += i == j ? cosine : 2.0 * cosine;
            }
        }
        double mean = total / ((double) n * n);
        float[] attention = new float[n * n];
        for (int i = 0; i < n; i++) {
            row(cosines, attention, i * n, n, Math.min(BETA * mean, (1 + mean) / 2));
        }
        return attention;
    }

    /** One row; its diagonal is 1 and so never below the bar. */
    private static void row(float[] cosines, float[] attention, int at, int n, double bar) {
        double top = GAMMA * (1 - bar);
        double sum = 0;
        for (int j = 0; j < n; j++) {
            double a = GAMMA * (cosines[at + j] - bar);
            double weight = a < 0 ? 0 : Math.exp(a - top);
            attention[at + j] = (float) weight;
            sum += weight;
        }
        for (int j = 0; j < n; j++) {
            attention[at + j] /= (float) sum;
        }
    }
}
