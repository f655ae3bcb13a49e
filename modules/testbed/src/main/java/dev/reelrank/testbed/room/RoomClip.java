package dev.reelrank.testbed.room;

import dev.reelrank.pipeline.RgbImage;
import java.util.List;

/**
 * A rendered clip and its truth.
 *
 * @param frames all of equal size
 * @param depths per frame, row by row: the z of the surface that the middle of a pixel shows, in
 *     the camera's axes, metres
 * @param cameras per frame
 */
public record RoomClip(List<RgbImage> frames, List<float[]> depths, List<RoomCamera> cameras) {
    public RoomClip {
        frames = List.copyOf(frames);
        depths = List.copyOf(depths);
        cameras = List.copyOf(cameras);
    }
}
