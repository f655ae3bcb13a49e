package dev.reelrank.testbed;

import dev.reelrank.pipeline.RgbImage;
import java.util.List;

/**
 * A rendered clip and its truth.
 *
 * @param frames the frames, all of one size
 * @param masks a label a pixel for each frame, row by row: 0 background, 1 first subject, 2 second
 */
public record Clip(List<RgbImage> frames, List<byte[]> masks) {
    public Clip {
        frames = List.copyOf(frames);
        masks = List.copyOf(masks);
        if (frames.isEmpty() || frames.size() != masks.size()) {
            throw new IllegalArgumentException(
                    "a clip needs a mask a frame, got %d frames and %d masks"
                            .formatted(frames.size(), masks.size()));
        }
    }
}
