package dev.reelrank.evaluation.look;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.ranking.FrameSelection;
import dev.reelrank.video.VideoInfo;
import dev.reelrank.video.VideoReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Frames of a video. Decoding again is cheaper than keeping a chunk's frames in memory. */
final class Film {
    private Film() {}

    /**
     * Frames spread over a video, always the first and the last.
     *
     * @throws StageException UNREADABLE_VIDEO
     */
    static List<RgbImage> sample(Path video, int most) {
        return at(video, info -> FrameSelection.evenly(Math.max(1, info.frames()), most));
    }

    /**
     * Some frames.
     *
     * @param indices which, rising
     * @throws StageException UNREADABLE_VIDEO
     */
    static List<RgbImage> at(Path video, Function<VideoInfo, int[]> indices) {
        try (var reader = VideoReader.open(video)) {
            var chosen = new ArrayList<RgbImage>();
            for (int index : indices.apply(reader.info())) {
                while (reader.position() < index && reader.skip()) {
                    // Passed over.
                }
                RgbImage frame = reader.next();
                if (frame == null) {
                    break;
                }
                chosen.add(frame);
            }
            if (chosen.isEmpty()) {
                throw new StageException(
                        FailureCode.UNREADABLE_VIDEO,
                        video + " has no frames: generate the video again");
            }
            return chosen;
        }
    }
}
