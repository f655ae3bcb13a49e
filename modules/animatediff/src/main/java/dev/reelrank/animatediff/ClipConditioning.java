package dev.reelrank.animatediff;

import dev.reelrank.diffusion.Conditioning;
import dev.reelrank.diffusion.GenerationSettings;
import dev.reelrank.diffusion.text.TextContext;
import org.jspecify.annotations.Nullable;

/**
 * The encoded texts of a sample.
 *
 * @param negative null without guidance
 */
record ClipConditioning(
        GenerationSettings settings, TextContext prompt, @Nullable TextContext negative)
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
    }
}
