package dev.reelrank.wan;

import dev.reelrank.diffusion.text.TextContext;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What several seeds share: the encoded texts and image of a generation. Made by {@link
 * WanPipeline#condition}, closed by whoever made it.
 */
public final class Conditioning implements AutoCloseable {
    private final GenerationSettings settings;
    private final TextContext prompt;
    private final @Nullable TextContext negative;
    private final @Nullable Tensor image;

    Conditioning(
            GenerationSettings settings,
            TextContext prompt,
            @Nullable TextContext negative,
            @Nullable Tensor image) {
        this.settings = settings;
        this.prompt = prompt;
        this.negative = negative;
        this.image = image;
    }

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
