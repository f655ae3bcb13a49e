package dev.reelrank.diffusion;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What every family asks of a request, beyond its {@link GeneratorOptions}. */
public final class RequestRules {
    private static final Logger LOG = LoggerFactory.getLogger(RequestRules.class);

    private RequestRules() {}

    /**
     * A prompt says something.
     *
     * @throws StageException EMPTY_PROMPT
     */
    public static void checkPrompt(PromptInput prompt) {
        if (prompt instanceof PromptInput.Text text && text.text().isBlank()) {
            throw new StageException(FailureCode.EMPTY_PROMPT, "the prompt is empty");
        }
    }

    /** Warns of a negative prompt that nothing looks at. */
    public static void checkNegativePrompt(GenerationSettings settings, boolean guided) {
        if (!guided && !settings.negativePrompt().isBlank()) {
            LOG.warn(
                    "the negative prompt has no effect at guidance {}: it needs a guidance above 1",
                    settings.guidance());
        }
    }

    /**
     * A video that is made again has as many frames as the new one.
     *
     * @throws StageException INVALID_CONFIG
     */
    public static void checkGiven(List<RgbImage> frames, GenerationSettings settings) {
        if (frames.size() != settings.frames()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "%d frames were given for a video of %d"
                            .formatted(frames.size(), settings.frames()));
        }
    }
}
