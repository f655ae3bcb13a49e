package dev.reelrank.evaluation.look;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.ranking.FrameSelection;
import dev.reelrank.video.VideoReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Frames of a video. Decoding again is cheaper than keeping a chunk's frames in memory. */
final class Film {
    private Film() {}

    /**
     * Frames spread over a video, always the first and the last.
     *
     * @throws StageException UNREADABLE_VIDEO
     */
    static List<RgbImage> sample(Path video, int most) {
        try (var reader = VideoReader.open(video)) {
            int frames = reader.info().frames();
            var chosen = new ArrayList<RgbImage>();
            for (int index : FrameSelection.evenly(Math.max(1, frames), most)) {
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
