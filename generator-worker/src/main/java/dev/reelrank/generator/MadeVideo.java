package dev.reelrank.generator;

import dev.reelrank.diffusion.Generation;
import dev.reelrank.pipeline.stage.GeneratorUse;
import dev.reelrank.video.VideoCodec;
import dev.reelrank.video.VideoInfo;
import java.util.Map;

/**
 * A video file, and how it came about.
 *
 * @param codec that was used
 * @param used what it was really made with
 * @param timings milliseconds by part, that of writing the file included
 */
record MadeVideo(
        VideoInfo info,
        VideoCodec codec,
        Generation generation,
        GeneratorUse used,
        Map<String, Long> timings) {
    MadeVideo {
        timings = Map.copyOf(timings);
    }
}
