package dev.reelrank.grading.preference;

import dev.reelrank.pipeline.config.TuneConfig;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Learns from selections.
 *
 * <p>The loss of a pair is DPO's (Rafailov et al. 2023, equation 7) with the head's logit in the
 * place of the log-likelihood: {@code −log σ(β·((s(w) − s(l)) − (s_ref(w) − s_ref(l))))}, where the
 * reference is the previous version (0 for the first). {@code l2·|w|²} is added to the sum over all
 * pairs, so that a dozen selections are trusted less than a hundred. The problem is convex and
 * small: full-batch Adam from the previous weights, the same result every time.
 *
 * <p>A new version is judged by selections that neither it nor its parent has learned, see {@link
 * HeldOut}. Where there is no selection that the parent does not know, there is nothing to learn.
 */
public final class Training {
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.999;

    private Training() {}

    /**
     * What a training came to.
     *
     * @param model the new model, whether kept or not; the parent where there was nothing to learn
     * @param heldOutBefore accuracy of the parent on selections it has not learned, 0..1; 0.5
     *     without one
     * @param heldOutAfter accuracy of the new one on the same selections, each held out from it
     * @param kept something was learned, and the new model is no worse
     * @param losses mean loss by epoch, empty where there was nothing to learn
     */
    public record Trained(
            PreferenceModel model,
            double heldOutBefore,
            double heldOutAfter,
            boolean kept,
            List<Double> losses) {}

    /**
     * Trains a new version.
     *
     * @param features names of the features of every pair
     * @param parent null for the first version; one with other features counts as none
     * @param pairs every selection so far; one that stands there twice is learned once
     * @throws IllegalArgumentException if there is no pair
     */
    public static Trained train(
            List<String> features,
            @Nullable PreferenceModel parent,
            List<FeaturePair> pairs,
            TuneConfig config) {
        if (parent != null && !parent.features().equals(features)) {
            parent = null;
        }
        Map<String, FeaturePair> byId = new LinkedHashMap<>();
        pairs.forEach(p -> byId.putIfAbsent(p.id(), p));
        List<FeaturePair> distinct = List.copyOf(byId.values());
        if (distinct.isEmpty()) {
            throw new IllegalArgumentException("there are no selections to learn from");
        }
        if (parent != null && new HashSet<>(parent.learned()).containsAll(byId.keySet())) {
            double known = accuracy(parent, distinct);
            return new Trained(parent, known, known, false, List.of());
        }
        List<Double> losses = new ArrayList<>();
        var model = fit(features, parent, distinct, config, losses);
        var judged = HeldOut.judge(features, parent, distinct, config);
        return new Trained(
                model, judged.before(), judged.after(), judged.after() >= judged.before(), losses);
    }

    /** Share of pairs whose chosen video gets the higher logit; an exact tie counts half. */
    public static double accuracy(PreferenceModel model, List<FeaturePair> pairs) {
        return pairs.stream().mapToDouble(p -> right(model, p)).average().orElse(0.5);
    }

    /** 1 if the chosen video gets the higher logit, 0.5 for an exact tie, else 0. */
    static double right(PreferenceModel model, FeaturePair p) {
        double margin = model.logit(p.chosen()) - model.logit(p.rejected());
        return margin > 0 ? 1 : margin == 0 ? 0.5 : 0;
    }

    /** A model of all these pairs. */
    static PreferenceModel fit(
            List<String> features,
            @Nullable PreferenceModel parent,
            List<FeaturePair> pairs,
            TuneConfig config,
            List<Double> losses) {
        int n = features.size();
        double[] mean = new double[n];
        double[] scale = new double[n];
        standardise(pairs, mean, scale);
        double[] start = new double[n];
        if (parent != null) {
            // The same function, expressed in the new units.
            for (int i = 0; i < n; i++) {
                start[i] = parent.weights()[i] * scale[i] / parent.scale()[i];
            }
        }
        double[] weights = descend(pairs, parent, scale, start, config, losses);
        var ids = pairs.stream().map(FeaturePair::id).toList();
        var model = new PreferenceModel(features, mean, scale, weights, 1, ids);
        return new PreferenceModel(features, mean, scale, weights, spread(model, pairs), ids);
    }

    /**
     * The mean over all videos, and as the scale of a feature how far it is apart in the two videos
     * of a pair (root mean square, over √2). Samples differ a hundred times more than candidates of
     * one do; in units of that, no difference between candidates would ever count.
     */
    private static void standardise(List<FeaturePair> pairs, double[] mean, double[] scale) {
        for (int i = 0; i < mean.length; i++) {
            double sum = 0;
            double squares = 0;
            for (var p : pairs) {
                sum += p.chosen()[i] + p.rejected()[i];
                squares += square(p.chosen()[i] - p.rejected()[i]);
            }
            mean[i] = sum / (2 * pairs.size());
            double deviation = Math.sqrt(squares / (2 * pairs.size()));
            // A feature that never differed says nothing; any scale keeps its weight at 0.
            scale[i] = deviation > 1e-9 ? deviation : 1;
        }
    }

    /** Standard deviation of the logit over all videos, those of two selections twice. */
    private static double spread(PreferenceModel model, List<FeaturePair> pairs) {
        double squares = 0;
        for (var p : pairs) {
            // The mean logit is 0 by construction.
            squares += square(model.logit(p.chosen())) + square(model.logit(p.rejected()));
        }
        return Math.sqrt(squares / (2 * pairs.size()));
    }

    private static double[] descend(
            List<FeaturePair> pairs,
            @Nullable PreferenceModel parent,
            double[] scale,
            double[] start,
            TuneConfig config,
            List<Double> losses) {
        int n = start.length;
        double[] w = start.clone();
        double[] m = new double[n];
        double[] v = new double[n];
        double[] gradient = new double[n];
        for (int epoch = 1; epoch <= config.epochs(); epoch++) {
            java.util.Arrays.fill(gradient, 0);
            double loss = 0;
            for (var p : pairs) {
                double margin = 0;
                for (int i = 0; i < n; i++) {
                    margin += w[i] * (p.chosen()[i] - p.rejected()[i]) / scale[i];
                }
                double reference =
                        parent == null ? 0 : parent.logit(p.chosen()) - parent.logit(p.rejected());
                double z = config.beta() * (margin - reference);
                loss += Math.log1p(Math.exp(-Math.abs(z))) + Math.max(0, -z);
                double slope = -config.beta() * PreferenceModel.sigmoid(-z) / pairs.size();
                for (int i = 0; i < n; i++) {
                    gradient[i] += slope * (p.chosen()[i] - p.rejected()[i]) / scale[i];
                }
            }
            losses.add(loss / pairs.size());
            for (int i = 0; i < n; i++) {
                double g = gradient[i] + 2 * config.l2() / pairs.size() * w[i];
                m[i] = BETA1 * m[i] + (1 - BETA1) * g;
                v[i] = BETA2 * v[i] + (1 - BETA2) * g * g;
                double step =
                        m[i]
                                / (1 - Math.pow(BETA1, epoch))
                                / (Math.sqrt(v[i] / (1 - Math.pow(BETA2, epoch))) + 1e-12);
                w[i] -= config.learningRate() * step;
            }
        }
        return w;
    }

    private static double square(double x) {
        return x * x;
    }
}
