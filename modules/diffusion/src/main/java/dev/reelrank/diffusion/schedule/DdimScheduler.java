package dev.reelrank.diffusion.schedule;

import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * Deterministic DDIM (Song and others, Denoising Diffusion Implicit Models, 2021, equation 12 with
 * eta 0): the clean sample that the prediction implies, with as much of the implied noise as the
 * next timestep has.
 *
 * <p>With {@code clean} the implied sample, the next one is {@code s' clean + n' (x - s clean) /
 * n}, which is defined without signal ({@code s = 0}) too.
 */
public final class DdimScheduler extends LevelScheduler {
    /**
     * @param steps at least 1
     * @throws dev.reelrank.pipeline.StageException INVALID_CONFIG for more steps than the training
     *     has timesteps
     */
    public DdimScheduler(DdimSettings settings, int steps) {
        super(settings, steps);
    }

    @Override
    public Tensor step(int index, Tensor prediction, Tensor sample) {
        return TensorScope.compute(
                () -> {
                    Tensor clean =
                            prediction().clean(sample, prediction, signal(index), noise(index));
                    double share = levels.noiseAfter(index) / noise(index);
                    // The noise is that of the prediction, also where the clean sample is cut.
                    double kept = signal(index) * share;
                    Tensor next = Ops.mul(sample, share).sub(Ops.mul(clean, kept));
                    return next.add(Ops.mul(cut(clean), levels.signalAfter(index)));
                });
    }

    private Tensor cut(Tensor clean) {
        return Double.isInfinite(settings.clip())
                ? clean
                : clean.clamp(
                        new ScalarOptional(new Scalar(-settings.clip())),
                        new ScalarOptional(new Scalar(settings.clip())));
    }
}
