package dev.reelrank.diffusion.schedule;

import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * UniPC of order 2 on predicted clean samples with B(h) = exp(h) - 1 (Zhao et al. 2023, "bh2"), a
 * corrector from the second step on, first order at the last step.
 *
 * <p>With alpha = 1 - sigma, lambda = log alpha - log sigma, h = lambda' - lambda.
 */
public final class UniPcScheduler implements Scheduler {
    private static final double AWAY_FROM_ONE = 1e-6;

    private final double[] sigmas;
    private final double[] timesteps;
    private @Nullable Tensor previous;
    private @Nullable Tensor beforePrevious;
    private @Nullable Tensor lastSample;
    private int lastOrder;

    /**
     * @param steps at least 1
     * @param shift above 0
     */
    public UniPcScheduler(int steps, double shift) {
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
                    Tensor clean = sample.sub(Ops.mul(velocity, sigmas[index]));
                    Tensor corrected = corrected(index, clean, sample);
                    int order = Math.min(2, Math.min(timesteps.length - index, index + 1));
                    Tensor next = predicted(index, order, clean, corrected);
                    remember(clean, corrected, order);
                    return next;
                });
    }

    /** Improves the sample that the step before predicted, now that the model has seen it. */
    private Tensor corrected(int index, Tensor clean, Tensor sample) {
        if (index == 0 || lastSample == null || previous == null) {
            return sample;
        }
        double h = lambda(index) - lambda(index - 1);
        double b = Math.expm1(-h);
        Tensor base = base(index, index - 1, lastSample, previous, b);
        Tensor change = clean.sub(previous);
        if (lastOrder == 1 || beforePrevious == null) {
            return base.sub(Ops.mul(change, alpha(index) * b * 0.5));
        }
        double r = (lambda(index - 2) - lambda(index - 1)) / h;
        double phi1 = b / -h - 1;
        double phi2 = phi1 / -h - 0.5;
        double first = phi1 / b;
        double second = phi2 * 2 / b;
        // The 2 by 2 system  rho0 + rho1 = first,  r rho0 + rho1 = second.
        double rho0 = (first - second) / (1 - r);
        double rho1 = first - rho0;
        Tensor earlier = Ops.mul(beforePrevious.sub(previous), rho0 / r);
        return base.sub(Ops.mul(earlier.add(Ops.mul(change, rho1)), alpha(index) * b));
    }

    private Tensor predicted(int index, int order, Tensor clean, Tensor sample) {
        if (index + 1 == timesteps.length) {
            // sigma becomes 0 and h infinite: the limit is the clean sample.
            return clean;
        }
        double h = lambda(index + 1) - lambda(index);
        double b = Math.expm1(-h);
        Tensor base = base(index + 1, index, sample, clean, b);
        if (order == 1 || previous == null) {
            return base;
        }
        double r = (lambda(index - 1) - lambda(index)) / h;
        return base.sub(Ops.mul(previous.sub(clean), alpha(index + 1) * b * 0.5 / r));
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

    private void remember(Tensor clean, Tensor corrected, int order) {
        clean.retainReference();
        corrected.retainReference();
        release(beforePrevious);
        release(lastSample);
        beforePrevious = previous;
        previous = clean;
        lastSample = corrected;
        lastOrder = order;
    }

    private static void release(@Nullable Tensor tensor) {
        if (tensor != null) {
            tensor.releaseReference();
        }
    }

    @Override
    public void close() {
        release(previous);
        release(beforePrevious);
        release(lastSample);
        previous = null;
        beforePrevious = null;
        lastSample = null;
    }
}
