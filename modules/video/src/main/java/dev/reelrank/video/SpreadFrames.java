package dev.reelrank.video;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A few frames that stand for a video: what a vision-language model sees of it. Decoding again is
 * cheaper than keeping the frames of many videos in memory.
 */
public final class SpreadFrames {
    private SpreadFrames() {}

    /**
     * Frames spread over a video, always the first and the last. Odd and even ones are among them,
     * because flicker may touch every other frame only.
     *
     * @return min(count, frames of the video) pictures in order
     * @throws StageException UNREADABLE_VIDEO
     */
    public static List<RgbImage> of(Path video, int count) {
        int frames = VideoReader.probe(video).frames();
        var wanted = indices(frames, count);
        var chosen = new ArrayList<RgbImage>();
        try (var reader = VideoReader.open(video)) {
            for (int i = 0; i < frames && chosen.size() < wanted.size(); i++) {
                if (wanted.contains(i)) {
                    RgbImage frame = reader.next();
                    if (frame == null) {
                        break;
                    }
                    chosen.add(frame);
                } else if (!reader.skip()) {
                    break;
                }
            }
        }
        if (chosen.isEmpty()) {
            throw new StageException(
                    FailureCode.UNREADABLE_VIDEO,
                    video + " has no frames: generate the candidate again");
        }
        return chosen;
    }

    /**
     * Which frames these are.
     *
     * @param frames of the video
     * @return min(count, frames) numbers from 0 on
     */
    public static SortedSet<Integer> indices(int frames, int count) {
        var indices = new TreeSet<Integer>();
        int n = Math.min(frames, count);
        for (int i = 0; i < n; i++) {
            int index = n == 1 ? 0 : (int) Math.round((double) i * (frames - 1) / (n - 1));
            // An evenly spread choice of an odd number of frames may hold even numbers alone: move
            // every second one.
            boolean inner = i > 0 && i < n - 1;
            if (inner && i % 2 == 1 && index % 2 == 0 && index + 1 < frames - 1) {
                index++;
            }
            indices.add(index);
        }
        return indices;
    }
}
