package dev.reelrank.cogvideox;

import dev.reelrank.diffusion.Conditioning;
import dev.reelrank.diffusion.GenerationSettings;
import dev.reelrank.diffusion.text.TextContext;
import org.jspecify.annotations.Nullable;

/**
 * The encoded texts and image of a sample.
 *
 * @param negative null without guidance
 * @param image moments of the image's latents, which each seed draws its own from; null without
 */
record CogConditioning(
        GenerationSettings settings,
        TextContext prompt,
        @Nullable TextContext negative,
        CogVae.@Nullable Moments image)
        implements Conditioning {
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
            image.close();
        }
    }
}
