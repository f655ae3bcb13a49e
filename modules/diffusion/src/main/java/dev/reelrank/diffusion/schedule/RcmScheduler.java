package dev.reelrank.diffusion.schedule;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.Noise;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import org.bytedeco.pytorch.Tensor;

/**
 * The sampler of models that were distilled as consistency models with a score regularizer (rCM,
 * arXiv 2510.08431; as TurboDiffusion samples, arXiv 2512.16093): one to four steps along a
 * straight line. Angles {@code [atan(sigma max), 1.5, 1.4, 1.0]} become noise levels {@code t = sin
 * / (cos + sin)}; the sample begins at {@code t0} times the noise.
 *
 * <p>Stochastic: {@code x = (1 - t') (x - t v) + t' fresh noise}, drawn from the seed and the step.
 * Deterministic: {@code x = x - (t - t') v}, sharper and less robust, as its authors say.
 */
public final class RcmScheduler implements Scheduler {
    /** The most steps that the angles are known for. */
    public static final int MOST_STEPS = 4;

    private static final double[] ANGLES = {1.5, 1.4, 1.0};

    private final double[] levels;
    private final boolean stochastic;
    private long seed;

    /**
     * @param steps 1 to 4
     * @param sigmaMax above 0: 200 for models that begin with an image, 80 for those that do not
     * @param stochastic whether each step but the last adds fresh noise
     * @throws StageException INVALID_CONFIG for another number of steps
     */
    public RcmScheduler(int steps, double sigmaMax, boolean stochastic) {
        if (steps < 1 || steps > MOST_STEPS) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "candidate.steps is %d; rCM has 1 to %d steps: use that many, or the scheduler euler or unipc"
                            .formatted(steps, MOST_STEPS));
        }
        this.stochastic = stochastic;
        levels = new double[steps + 1];
        for (int i = 0; i < steps; i++) {
            double angle = i == 0 ? Math.atan(sigmaMax) : ANGLES[i - 1];
            levels[i] = Math.sin(angle) / (Math.cos(angle) + Math.sin(angle));
        }
    }

    @Override
    public PredictionType prediction() {
        return PredictionType.FLOW;
    }

    /** Rounded to bfloat16: these models saw timesteps in bfloat16 only, in training and after. */
    @Override
    public double[] timesteps() {
        double[] timesteps = new double[levels.length - 1];
        for (int i = 0; i < timesteps.length; i++) {
            timesteps[i] = bfloat16((float) (levels[i] * 1000));
        }
        return timesteps;
    }

    private static double bfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        int rounded = bits + 0x7fff + ((bits >>> 16) & 1);
        return Float.intBitsToFloat(rounded & 0xffff0000);
    }

    @Override
    public double[] sigmas() {
        return levels.clone();
    }

    @Override
    public Tensor begin(Tensor noise) {
        return TensorScope.compute(() -> Ops.mul(noise, levels[0]));
    }

    @Override
    public void seed(long ofSeed) {
        seed = ofSeed;
    }

    @Override
    public Tensor step(int index, Tensor velocity, Tensor sample) {
        double now = levels[index];
        double next = levels[index + 1];
        return TensorScope.compute(
                () -> {
                    if (!stochastic || next == 0) {
                        return sample.sub(Ops.mul(velocity, now - next));
                    }
                    Tensor clean = sample.sub(Ops.mul(velocity, now));
                    Tensor fresh = Noise.normal(Noise.seed(seed, index + 1), sample.shape());
                    return Ops.mul(clean, 1 - next)
                            .add(Ops.mul(fresh.to(sample.device(), sample.scalar_type()), next));
                });
    }
}
