package dev.reelrank.wan;

import dev.reelrank.pipeline.RgbImage;
import java.util.List;
import java.util.Map;

/**
 * A video, and how it came about.
 *
 * @param switchStep the first step of the low-noise expert, the number of steps if it never came
 * @param timings milliseconds by part: denoise, decode
 */
public record GeneratedVideo(List<RgbImage> frames, int switchStep, Map<String, Long> timings) {
    public GeneratedVideo {
        frames = List.copyOf(frames);
        timings = Map.copyOf(timings);
    }
}
