package dev.reelrank.diffusion.schedule;

import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * UniPC on predicted clean samples with B(h) = exp(h) - 1 (Zhao et al. 2023, "bh2"): a predictor
 * and, from the second step on, a corrector. The first steps and the last ones are of lower order.
 *
 * <p>With alpha = 1 - sigma, lambda = log alpha - log sigma, h = lambda' - lambda.
 */
public final class UniPcScheduler implements Scheduler {
    /** The order of the published schedulers. */
    public static final int PUBLISHED_ORDER = 2;

    private static final String CLEAN = "clean.";
    private static final String LAST = "last";

    private static final double AWAY_FROM_ONE = 1e-6;

    private final double[] sigmas;
    private final double[] timesteps;
    private final int solverOrder;

    /** Clean samples of the steps before, the latest first. */
    private final List<Tensor> earlier = new ArrayList<>();

    private @Nullable Tensor lastSample;
    private int lastOrder;

    /** Of the published order. */
    public UniPcScheduler(int steps, double shift) {
        this(steps, shift, PUBLISHED_ORDER);
    }

    /**
     * @param steps at least 1
     * @param shift above 0
     * @param solverOrder 1, 2 or 3
     */
    public UniPcScheduler(int steps, double shift, int solverOrder) {
        this.solverOrder = solverOrder;
        sigmas = new double[steps + 1];
        timesteps = new double[steps];
        // The spacing first, then its multiples: how numpy.linspace rounds.
        double spacing = (1.0 / 1000 - 1) / steps;
        for (int i = 0; i < steps; i++) {
            double even = i * spacing + 1;
            double sigma = Scheduler.shifted(even, shift);
            if (Math.abs(sigma - 1) < AWAY_FROM_ONE) {
                // log alpha would be infinite.
                sigma -= AWAY_FROM_ONE;
            }
            timesteps[i] = Math.floor(sigma * 1000);
            sigmas[i] = (float) sigma;
        }
    }

    @Override
    public PredictionType prediction() {
        return PredictionType.FLOW;
    }

    @Override
    public double[] timesteps() {
        return timesteps.clone();
    }

    @Override
    public double[] sigmas() {
        return sigmas.clone();
    }

    @Override
    public Tensor step(int index, Tensor velocity, Tensor sample) {
        return TensorScope.compute(
                () -> {
                    Tensor clean =
                            prediction().clean(sample, velocity, alpha(index), sigmas[index]);
                    Tensor corrected = corrected(index, clean, sample);
                    remember(clean, corrected);
                    lastOrder = order(index, earlier.size());
                    return predicted(index, lastOrder, clean, corrected);
                });
    }

    private int order(int index, int known) {
        return Math.min(solverOrder, Math.min(timesteps.length - index, known));
    }

    @Override
    public Map<String, Tensor> remembered() {
        var all = new HashMap<String, Tensor>();
        for (int k = 0; k < earlier.size(); k++) {
            all.put(CLEAN + k, earlier.get(k));
        }
        if (lastSample != null) {
            all.put(LAST, lastSample);
        }
        return all;
    }

    @Override
    public void recall(int steps, Map<String, Tensor> remembered) {
        close();
        for (int k = 0; k < Math.min(steps, solverOrder); k++) {
            earlier.add(needed(remembered, CLEAN + k));
        }
        lastSample = needed(remembered, LAST);
        lastOrder = order(steps - 1, earlier.size());
    }

    private static Tensor needed(Map<String, Tensor> remembered, String name) {
        Tensor tensor = remembered.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("a paused scheduler without " + name);
        }
        tensor.retainReference();
        return tensor;
    }

    /** Improves the sample that the step before predicted, now that the model has seen it. */
    private Tensor corrected(int index, Tensor clean, Tensor sample) {
        // Nothing was predicted at the first step, wherever in the schedule it is.
        if (lastSample == null) {
            return sample;
        }
        Tensor previous = earlier.get(0);
        double h = lambda(index) - lambda(index - 1);
        double b = Math.expm1(-h);
        Tensor base = base(index, index - 1, lastSample, previous, b);
        double[] ratios = ratios(index - 1, lastOrder, h);
        double[] rho =
                lastOrder == 1 ? new double[] {0.5} : solved(ratios, rightSides(h, b, lastOrder));
        Tensor change = Ops.mul(clean.sub(previous), rho[lastOrder - 1]);
        for (int k = 1; k < lastOrder; k++) {
            change = change.add(Ops.mul(earlier.get(k).sub(previous), rho[k - 1] / ratios[k - 1]));
        }
        return base.sub(Ops.mul(change, alpha(index) * b));
    }

    private Tensor predicted(int index, int order, Tensor clean, Tensor sample) {
        if (index + 1 == timesteps.length) {
            // sigma becomes 0 and h infinite: the limit is the clean sample.
            return clean;
        }
        double h = lambda(index + 1) - lambda(index);
        double b = Math.expm1(-h);
        Tensor next = base(index + 1, index, sample, clean, b);
        if (order == 1) {
            return next;
        }
        double[] ratios = ratios(index, order, h);
        double[] rho =
                order == 2
                        ? new double[] {0.5}
                        : solved(Arrays.copyOf(ratios, order - 1), rightSides(h, b, order - 1));
        for (int k = 1; k < order; k++) {
            double factor = alpha(index + 1) * b * rho[k - 1] / ratios[k - 1];
            next = next.sub(Ops.mul(earlier.get(k).sub(clean), factor));
        }
        return next;
    }

    /** Where the steps before a step lie, in units of h: the earlier ones, then 1 for the next. */
    private double[] ratios(int at, int order, double h) {
        double[] ratios = new double[order];
        for (int k = 1; k < order; k++) {
            ratios[k - 1] = (lambda(at - k) - lambda(at)) / h;
        }
        ratios[order - 1] = 1;
        return ratios;
    }

    /** The first {@code count} numbers phi that the powers of the ratios must sum to. */
    private static double[] rightSides(double h, double b, int count) {
        double[] sides = new double[count];
        double phi = Math.expm1(-h) / -h - 1;
        double factorial = 1;
        for (int i = 0; i < count; i++) {
            sides[i] = phi * factorial / b;
            factorial *= i + 2;
            phi = phi / -h - 1 / factorial;
        }
        return sides;
    }

    /** Solves {@code sum of x_j · ratio_j^i = side_i}, by elimination with pivots. */
    private static double[] solved(double[] ratios, double[] sides) {
        int n = sides.length;
        double[][] rows = new double[n][n + 1];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                rows[i][j] = Math.pow(ratios[j], i);
            }
            rows[i][n] = sides[i];
        }
        for (int column = 0; column < n; column++) {
            int pivot = column;
            for (int i = column + 1; i < n; i++) {
                if (Math.abs(rows[i][column]) > Math.abs(rows[pivot][column])) {
                    pivot = i;
                }
            }
            double[] top = rows[pivot];
            rows[pivot] = rows[column];
            rows[column] = top;
            for (int i = 0; i < n; i++) {
                double factor = i == column ? 0 : rows[i][column] / top[column];
                for (int j = column; j <= n; j++) {
                    rows[i][j] -= factor * top[j];
                }
            }
        }
        double[] x = new double[n];
        for (int i = 0; i < n; i++) {
            x[i] = rows[i][n] / rows[i][i];
        }
        return x;
    }

    private Tensor base(int to, int from, Tensor sample, Tensor clean, double b) {
        return Ops.mul(sample, sigmas[to] / sigmas[from]).sub(Ops.mul(clean, alpha(to) * b));
    }

    private double alpha(int index) {
        return 1 - sigmas[index];
    }

    private double lambda(int index) {
        return Math.log(alpha(index)) - Math.log(sigmas[index]);
    }

    private void remember(Tensor clean, Tensor corrected) {
        clean.retainReference();
        corrected.retainReference();
        earlier.add(0, clean);
        while (earlier.size() > solverOrder) {
            earlier.remove(earlier.size() - 1).releaseReference();
        }
        if (lastSample != null) {
            lastSample.releaseReference();
        }
        lastSample = corrected;
    }

    @Override
    public void close() {
        earlier.forEach(Tensor::releaseReference);
        earlier.clear();
        if (lastSample != null) {
            lastSample.releaseReference();
            lastSample = null;
        }
    }
}
