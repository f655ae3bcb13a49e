package dev.reelrank.wan;

import dev.reelrank.diffusion.Conditioning;
import dev.reelrank.diffusion.GenerationSettings;
import dev.reelrank.diffusion.text.TextContext;
import dev.reelrank.torch.Ops;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** The encoded texts and image of a sample. */
final class WanConditioning implements Conditioning {
    private final GenerationSettings settings;
    private final TextContext prompt;
    private final @Nullable TextContext negative;
    private final @Nullable Tensor image;
    private final boolean given;
    private final Map<String, Long> timings;

    /**
     * @param image beside the latents, or the first of them
     * @param given whether the image's latents are the first latent frame
     * @param timings milliseconds by part
     */
    WanConditioning(
            GenerationSettings settings,
            TextContext prompt,
            @Nullable TextContext negative,
            @Nullable Tensor image,
            boolean given,
            Map<String, Long> timings) {
        this.settings = settings;
        this.prompt = prompt;
        this.negative = negative;
        this.image = image;
        this.given = given;
        this.timings = Collections.unmodifiableMap(new LinkedHashMap<>(timings));
    }

    @Override
    public GenerationSettings settings() {
        return settings;
    }

    TextContext prompt() {
        return prompt;
    }

    @Nullable TextContext negative() {
        return negative;
    }

    /** What the network sees of noisy latents: with the image's mask and latents beside them. */
    Tensor input(Tensor latents) {
        if (image == null) {
            return latents;
        }
        return given ? kept(latents) : Ops.cat(1, latents, image);
    }

    /** Latents whose first frame is the image, where it is given. */
    Tensor kept(Tensor latents) {
        return image == null || !given
                ? latents
                : Ops.cat(2, image, latents.narrow(2, 1, latents.size(2) - 1));
    }

    /** How many of the first latent frames have no noise. */
    int givenFrames() {
        return image != null && given ? 1 : 0;
    }

    @Override
    public Map<String, Long> timings() {
        return timings;
    }

    @Override
    public int promptTokens() {
        return prompt.tokens();
    }

    @Override
    public int promptTokensCut() {
        return prompt.cut();
    }

    @Override
    public void close() {
        prompt.close();
        if (negative != null) {
            negative.close();
        }
        if (image != null) {
            image.releaseReference();
        }
    }
}
