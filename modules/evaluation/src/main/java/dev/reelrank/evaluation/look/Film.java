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
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Frames of a video. Each look reads them again: a chunk's frames would fill the memory, and the
 * next video is read while the models are busy ({@link Reel}).
 */
final class Film {
    private Film() {}

    /**
     * What was read of a video.
     *
     * @param info what the file holds
     * @param indices of the frames, rising
     * @param frames those, in this order
     */
    record Scene(VideoInfo info, int[] indices, List<RgbImage> frames) {
        /**
         * One of the frames.
         *
         * @param index in the video; one of {@code indices}
         */
        RgbImage frame(int index) {
            for (int i = 0; i < frames.size(); i++) {
                if (indices[i] == index) {
                    return frames.get(i);
                }
            }
            throw new IllegalArgumentException("frame %d was not read".formatted(index));
        }
    }

    /** Indices spread over a video, always with the first and the last. */
    static Function<VideoInfo, int[]> spread(int most) {
        return info -> FrameSelection.evenly(Math.max(1, info.frames()), most);
    }

    /**
     * Some frames.
     *
     * @param indices which, rising
     * @throws StageException UNREADABLE_VIDEO
     */
    static Scene read(Path video, Function<VideoInfo, int[]> indices) {
        return Objects.requireNonNull(read(video, info -> true, indices), "every video is wanted");
    }

    /**
     * Some frames of a video that is wanted at all.
     *
     * @return null if it is not wanted
     * @throws StageException UNREADABLE_VIDEO
     */
    static @Nullable Scene read(
            Path video, Predicate<VideoInfo> wanted, Function<VideoInfo, int[]> indices) {
        try (var reader = VideoReader.open(video)) {
            if (!wanted.test(reader.info())) {
                return null;
            }
            int[] chosen = indices.apply(reader.info());
            var frames = new ArrayList<RgbImage>();
            for (int index : chosen) {
                while (reader.position() < index && reader.skip()) {
                    // Passed over.
                }
                RgbImage frame = reader.next();
                if (frame == null) {
                    break;
                }
                frames.add(frame);
            }
            if (frames.isEmpty()) {
                throw new StageException(
                        FailureCode.UNREADABLE_VIDEO,
                        video + " has no frames: generate the video again");
            }
            return new Scene(reader.info(), chosen, frames);
        }
    }
}
