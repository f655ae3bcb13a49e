package dev.reelrank.animatediff;

import dev.reelrank.diffusion.DenoisingLoop;
import dev.reelrank.diffusion.text.TextContext;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The UNet with the texts of one sample, guided: {@code u + g (c - u)}. The two evaluations run one
 * after the other, in the memory of one.
 *
 * @param still whether frames are made as pictures, without motion modules
 */
record UnetSteps(LoadedUnet unet, ClipConditioning sample, boolean still)
        implements DenoisingLoop.Network {
    @Override
    public Tensor predict(int index, double timestep, Tensor latents) {
        var negative = sample.negative();
        double guidance = sample.settings().guidance();
        Tensor with = evaluated(timestep, latents, sample.prompt(), null);
        if (negative == null || guidance <= 1) {
            return with;
        }
        Tensor without = evaluated(timestep, latents, negative, null);
        return without.add(Ops.mul(with.sub(without), guidance));
    }

    private Tensor evaluated(
            double timestep, Tensor latents, TextContext text, Unet.@Nullable Watch watch) {
        return Ops.to(
                unet.here().apply(latents, timestep, text.rows(), still, unet.visits(), watch),
                DType.FLOAT32);
    }

    @Override
    public String whereNotFinite(int index, double timestep, Tensor latents) {
        String at = " at timestep " + timestep;
        String stage = firstNotFinite(timestep, latents, sample.prompt());
        if (stage != null) {
            return stage + " of the UNet" + at + ", for the prompt";
        }
        var negative = sample.negative();
        stage = negative == null ? null : firstNotFinite(timestep, latents, negative);
        return stage != null
                ? stage + " of the UNet" + at + ", for the negative prompt"
                : "guidance or scheduler, after finite values of the UNet" + at;
    }

    private @Nullable String firstNotFinite(double timestep, Tensor latents, TextContext text) {
        String[] found = new String[1];
        TensorScope.run(
                () ->
                        evaluated(
                                timestep,
                                latents,
                                text,
                                (stage, hidden) -> {
                                    if (found[0] == null && !Ops.isFinite(hidden)) {
                                        found[0] = stage;
                                    }
                                }));
        return found[0];
    }
}
