package dev.reelrank.generator;

import dev.reelrank.diffusion.Generation;
import dev.reelrank.video.VideoCodec;
import dev.reelrank.video.VideoInfo;
import java.util.Map;

/**
 * A video file, and how it came about.
 *
 * @param codec that was used
 * @param timings milliseconds by part, that of writing the file included
 */
record MadeVideo(
        VideoInfo info, VideoCodec codec, Generation generation, Map<String, Long> timings) {
    MadeVideo {
        timings = Map.copyOf(timings);
    }
}
