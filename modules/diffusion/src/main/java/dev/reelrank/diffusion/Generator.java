package dev.reelrank.diffusion;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.stage.GeneratorUse.AppliedLora;
import dev.reelrank.torch.TorchDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A loaded model. Texts and image are encoded once per sample, then each seed makes one video.
 *
 * <p>The same seed, settings, weights, precision and kind of device give the same video. One thread
 * at a time may use a generator.
 */
public interface Generator extends AutoCloseable {
    GeneratorModel model();

    /** How the weights were loaded. */
    LoadSettings settings();

    TorchDevice device();

    /** What each LoRA changed when the weights were loaded. */
    List<AppliedLora> loras();

    /**
     * Encodes texts and image. Whatever the model cannot do is refused before anything is computed.
     *
     * @param image the first frame of any size, null for none
     * @return for {@link #generate}; the caller closes it
     * @throws dev.reelrank.pipeline.StageException INVALID_CONFIG for settings that this model
     *     cannot do, an image too many or one too few; EMPTY_PROMPT
     */
    Conditioning condition(
            GenerationSettings settings, PromptInput prompt, @Nullable RgbImage image);

    /**
     * Makes one video and hands over its frames while the rest is still decoded.
     *
     * @param conditioning of this generator
     * @param seed of the noise, 0..2^63-1
     * @param latentsOut which step's latents are written where; null for none
     * @param listener hears every step, and may cancel between two
     * @param frames takes each frame in order, on this thread; not called if cancelled
     * @return empty if the listener cancelled it
     */
    Optional<Generation> generate(
            Conditioning conditioning,
            long seed,
            @Nullable LatentsFile latentsOut,
            GenerationListener listener,
            Consumer<RgbImage> frames);

    /**
     * Makes the first steps of a video, and shows what it is about to become.
     *
     * @param from where an earlier draft of fewer steps paused; null, or of no use: from the noise
     * @param after steps, at least 1 and fewer than all
     * @param to where the state is written, for {@link #resume}
     * @param listener hears every step, and may cancel between two
     * @param preview takes a few frames of the predicted video, spread over it, in order
     * @return empty if the listener cancelled it
     * @throws StageException INVALID_CONFIG if there are not so many steps, or if this family
     *     cannot pause
     */
    default Optional<Generation> draft(
            Conditioning conditioning,
            long seed,
            @Nullable PausedFile from,
            int after,
            PausedFile to,
            GenerationListener listener,
            Consumer<RgbImage> preview) {
        throw new StageException(
                FailureCode.INVALID_CONFIG,
                "generators of the family %s cannot pause: leave candidate.prune out"
                        .formatted(model().family()));
    }

    /**
     * Makes the same video as {@link #generate}, from where it paused; from the noise if that
     * cannot be used.
     */
    default Optional<Generation> resume(
            Conditioning conditioning,
            long seed,
            PausedFile paused,
            GenerationListener listener,
            Consumer<RgbImage> frames) {
        return generate(conditioning, seed, null, listener, frames);
    }

    /** Makes one video and keeps its frames. */
    default Optional<GeneratedVideo> generate(
            Conditioning conditioning, long seed, GenerationListener listener) {
        var frames = new ArrayList<RgbImage>();
        return generate(conditioning, seed, null, listener, frames::add)
                .map(generation -> new GeneratedVideo(frames, generation));
    }

    /**
     * Makes a video again from its frames: their latents get noise, and only the last steps are
     * computed. The less strength, the more it resembles the given one.
     *
     * @param conditioning of this generator
     * @param frames as many as the conditioning's settings say, of any size
     * @param strength share of the steps that are computed, above 0 and at most 1; at least one
     *     step is, and with 1 nothing of the frames is left
     * @param seed of the noise, 0..2^63-1
     * @return empty if the listener cancelled it
     * @throws dev.reelrank.pipeline.StageException MODEL_MISMATCH by a family that cannot do it
     */
    default Optional<GeneratedVideo> again(
            Conditioning conditioning,
            List<RgbImage> frames,
            double strength,
            long seed,
            GenerationListener listener) {
        throw new StageException(
                FailureCode.MODEL_MISMATCH,
                "%s is of family %s, which cannot make a video again from its frames"
                        .formatted(model().folder(), model().family()));
    }

    /**
     * Encodes and decodes frames by the autoencoder alone: an upper bound on the detail of a video.
     *
     * @param frames of one size, as many and as large as {@link GeneratorOptions} allows
     * @return as many frames
     */
    List<RgbImage> reconstruct(List<RgbImage> frames);

    /**
     * Whether weights that were still loading when this generator was ready could not be loaded. It
     * makes nothing any more, and says why: close it and load again.
     */
    default boolean failedToLoad() {
        return false;
    }

    /** Frees the weights. */
    @Override
    void close();
}
