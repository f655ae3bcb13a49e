package dev.reelrank.wan;

import dev.reelrank.diffusion.schedule.EulerScheduler;
import dev.reelrank.diffusion.schedule.FlowScheduler;
import dev.reelrank.diffusion.schedule.UniPcScheduler;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;

/**
 * How a video is generated, with nothing left open.
 *
 * @param width pixels, a multiple of 16
 * @param height pixels, a multiple of 16
 * @param frames 4k+1
 * @param steps at least 1
 * @param guidance above 1 the negative prompt acts, at twice the cost; 1 for none
 * @param negativePrompt may be empty
 * @param scheduler euler or unipc
 * @param shift of the noise levels, above 0
 * @param boundary share of the noise range above which the high-noise expert works
 */
public record GenerationSettings(
        int width,
        int height,
        int frames,
        int steps,
        double guidance,
        String negativePrompt,
        String scheduler,
        double shift,
        double boundary) {
    public GenerationSettings {
        require(width >= 16 && width % 16 == 0, "width", width, "a multiple of 16");
        require(height >= 16 && height % 16 == 0, "height", height, "a multiple of 16");
        require(frames >= 1 && frames % 4 == 1, "frames", frames, "4k+1, for example 17 or 81");
        require(steps >= 1, "steps", steps, "at least 1");
        require(shift > 0, "shift", shift, "above 0");
        require(
                scheduler.equals("euler") || scheduler.equals("unipc"),
                "scheduler",
                scheduler,
                "euler or unipc");
    }

    private static void require(boolean ok, String name, Object value, String rule) {
        if (!ok) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "%s is %s; it must be %s".formatted(name, value, rule));
        }
    }

    /** Whether a negative prompt has an effect. */
    public boolean guided() {
        return guidance > 1;
    }

    FlowScheduler newScheduler() {
        return scheduler.equals("euler")
                ? new EulerScheduler(steps, shift)
                : new UniPcScheduler(steps, shift);
    }
}
