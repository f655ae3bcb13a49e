package dev.reelrank.diffusion.train;

import dev.reelrank.diffusion.text.TextContext;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The conditioning of a network beside the noisy latents, the same for both sides of a pair.
 *
 * @param text the encoded prompt
 * @param image what an image-to-video network adds to the latents' channels, shape (1, channels,
 *     latent frames, height, width); null for text-to-video
 */
public record TrainingCondition(TextContext text, @Nullable Tensor image) {}
