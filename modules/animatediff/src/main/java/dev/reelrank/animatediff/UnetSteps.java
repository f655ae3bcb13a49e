package dev.reelrank.animatediff;

import dev.reelrank.diffusion.DenoisingLoop;
import dev.reelrank.diffusion.text.TextContext;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The UNet with the texts of one sample, guided: {@code u + g (c - u)}. Both evaluations run at
 * once, which keeps a GPU busier than one after the other.
 *
 * @param still whether frames are made as pictures, without motion modules
 */
record UnetSteps(LoadedUnet unet, ClipConditioning sample, boolean still)
        implements DenoisingLoop.Network {
    @Override
    public Tensor predict(int index, double timestep, Tensor latents) {
        var negative = sample.negative();
        double guidance = sample.settings().guidance();
        Tensor prompt = sample.prompt().rows();
        if (negative == null || guidance <= 1) {
            return evaluated(timestep, latents, prompt.unsqueeze(0), null);
        }
        Tensor with;
        Tensor without;
        if (prompt.size(0) == negative.rows().size(0)) {
            Tensor both = evaluated(timestep, latents, Ops.stack(0, prompt, negative.rows()), null);
            with = both.narrow(0, 0, 1);
            without = both.narrow(0, 1, 1);
        } else {
            with = evaluated(timestep, latents, prompt.unsqueeze(0), null);
            without = evaluated(timestep, latents, negative.rows().unsqueeze(0), null);
        }
        return without.add(Ops.mul(with.sub(without), guidance));
    }

    private Tensor evaluated(
            double timestep, Tensor latents, Tensor texts, Unet.@Nullable Watch watch) {
        return Ops.to(
                unet.network().apply(latents, timestep, texts, still, unet.enter(), watch),
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
                                text.rows().unsqueeze(0),
                                (stage, hidden) -> {
                                    if (found[0] == null && !Ops.isFinite(hidden)) {
                                        found[0] = stage;
                                    }
                                }));
        return found[0];
    }
}
