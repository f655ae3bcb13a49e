package dev.reelrank.wan;

import dev.reelrank.diffusion.Conditioning;
import dev.reelrank.diffusion.GenerationSettings;
import dev.reelrank.diffusion.text.TextContext;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** The encoded texts and image of a sample. */
final class WanConditioning implements Conditioning {
    private final GenerationSettings settings;
    private final TextContext prompt;
    private final @Nullable TextContext negative;
    private final @Nullable Tensor image;

    WanConditioning(
            GenerationSettings settings,
            TextContext prompt,
            @Nullable TextContext negative,
            @Nullable Tensor image) {
        this.settings = settings;
        this.prompt = prompt;
        this.negative = negative;
        this.image = image;
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

    /** Mask and latents of the image, shape (1, 20, latent frames, height, width), float32. */
    @Nullable Tensor image() {
        return image;
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
