package dev.reelrank.diffusion.schedule;

import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * DPM-Solver++ (2M) of the diffusion's stochastic equation (Lu and others, DPM-Solver++, 2022): two
 * predicted clean samples a step, and new noise. The first step and the last one take one clean
 * sample.
 *
 * <p>With lambda the logarithm of signal over noise and h its change. The noise is drawn as
 * CogVideoX's scheduler in diffusers draws it: once a step, and a second time, which then counts,
 * where two clean samples are taken.
 */
public final class DpmSdeScheduler extends LevelScheduler {
    private static final String CLEAN = "clean";

    private final Supplier<Tensor> noise;
    private @Nullable Tensor earlier;

    /**
     * @param settings without a limit for clean samples
     * @param steps at least 1
     * @param noise the next standard normal numbers of the generation, in the shape of its samples
     * @throws dev.reelrank.pipeline.StageException INVALID_CONFIG for more steps than the training
     *     has timesteps
     */
    public DpmSdeScheduler(DdimSettings settings, int steps, Supplier<Tensor> noise) {
        super(settings, steps);
        if (!Double.isInfinite(settings.clip())) {
            throw new IllegalArgumentException("this scheduler does not cut clean samples");
        }
        this.noise = noise;
    }

    @Override
    public Tensor step(int index, Tensor predicted, Tensor sample) {
        return TensorScope.compute(
                () -> {
                    Tensor clean =
                            prediction().clean(sample, predicted, signal(index), noise(index));
                    Tensor next = next(index, clean, sample);
                    remember(clean);
                    return next;
                });
    }

    private Tensor next(int index, Tensor clean, Tensor sample) {
        double h = lambdaAfter(index) - lambda(index);
        Tensor seen = clean;
        Tensor drawn = noise.get();
        if (earlier != null && takesTwo(index)) {
            double share = h / (2 * (lambda(index) - lambda(index - 1)));
            seen = Ops.mul(clean, 1 + share).sub(Ops.mul(earlier, share));
            drawn = noise.get();
        }
        double kept = levels.noiseAfter(index) / noise(index) * Math.exp(-h);
        double gained = -Math.expm1(-2 * h);
        return Ops.mul(sample, kept)
                .add(Ops.mul(seen, gained * levels.signalAfter(index)))
                .add(
                        Ops.mul(
                                drawn.to(sample.device(), sample.scalar_type()),
                                levels.noiseAfter(index) * Math.sqrt(gained)));
    }

    /** Neither the first step nor one that ends at the clean sample. */
    private boolean takesTwo(int index) {
        return index > 0 && !levels.ends(index);
    }

    private double lambda(int index) {
        return Math.log(signal(index) / noise(index));
    }

    private double lambdaAfter(int index) {
        return Math.log(levels.signalAfter(index) / levels.noiseAfter(index));
    }

    private void remember(Tensor clean) {
        clean.retainReference();
        close();
        earlier = clean;
    }

    @Override
    public Map<String, Tensor> remembered() {
        return earlier == null ? Map.of() : Map.of(CLEAN, earlier);
    }

    /** {@inheritDoc} The numbers that were drawn are drawn again, and passed over. */
    @Override
    public void recall(int steps, Map<String, Tensor> remembered) {
        Tensor clean = remembered.get(CLEAN);
        if (clean == null) {
            throw new IllegalArgumentException("a paused scheduler without " + CLEAN);
        }
        remember(clean);
        for (int i = 0; i < steps; i++) {
            int draws = takesTwo(i) ? 2 : 1;
            for (int k = 0; k < draws; k++) {
                TensorScope.run(() -> noise.get().close());
            }
        }
    }

    @Override
    public void close() {
        if (earlier != null) {
            earlier.releaseReference();
            earlier = null;
        }
    }
}
