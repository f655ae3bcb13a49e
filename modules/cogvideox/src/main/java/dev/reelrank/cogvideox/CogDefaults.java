package dev.reelrank.cogvideox;

import dev.reelrank.diffusion.GenerationDefaults;
import java.util.List;
import java.util.Map;

/** What {@code auto} means where a folder does not say it. */
final class CogDefaults {
    private static final int STEPS = 50;
    private static final double GUIDANCE = 6;

    /** Of CogVideoX 1.5, whose configuration says the largest size instead. */
    private static final int WIDTH = 1360;

    private static final int HEIGHT = 768;

    private CogDefaults() {}

    /**
     * As the published model cards say: 50 steps with guidance 6; 1.0 720x480 and 49 frames at 8
     * per second, 1.5 1360x768 and 81 frames at 16. Size and frames are those that the
     * transformer's configuration names.
     */
    static GenerationDefaults published(
            CogTransformerConfig transformer, CogVaeConfig vae, CogSchedulers schedulers) {
        int factor = vae.spaceFactor();
        int width = transformer.sampleWidth() * factor;
        int height = transformer.sampleHeight() * factor;
        boolean longer = transformer.framePatch() > 0;
        return new GenerationDefaults(
                longer ? Math.min(WIDTH, width) : width,
                longer ? Math.min(HEIGHT, height) : height,
                transformer.sampleFrames(),
                longer ? 16 : 8,
                STEPS,
                GUIDANCE,
                schedulers.name(),
                Map.of(CogModel.DYNAMIC_GUIDANCE, 0.0),
                List.of());
    }
}
