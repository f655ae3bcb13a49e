package dev.reelrank.diffusion.train;

import dev.reelrank.pipeline.RgbImage;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Turns texts, images and videos into what a network is trained on, without the networks
 * themselves. What it gives belongs to the open scope and lies on the CPU.
 */
public interface TrainingEncoder extends AutoCloseable {
    /**
     * Encodes what both sides of a pair share.
     *
     * @param prompt as it was written for the generator
     * @param image the first frame of any size; null for text-to-video
     * @param frames of the videos
     * @param width of the videos
     * @param height of the videos
     * @throws dev.reelrank.pipeline.StageException INVALID_CONFIG for an image too many or one too
     *     few, EMPTY_PROMPT
     */
    TrainingCondition condition(
            String prompt, @Nullable RgbImage image, int frames, int width, int height);

    /**
     * Encodes a video.
     *
     * @param frames of one size, as many and as large as the model takes
     * @return latents as the networks denoise them, shape (1, channels, latent frames, height,
     *     width), float32
     */
    Tensor latents(List<RgbImage> frames);

    /** Frees the weights. */
    @Override
    void close();
}
