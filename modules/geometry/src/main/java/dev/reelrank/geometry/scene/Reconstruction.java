package dev.reelrank.geometry.scene;

import java.util.List;
import java.util.Optional;

/**
 * What a model finds in frames of a video. The world is the camera of the first frame, its unit the
 * model's own.
 *
 * @param width of a frame, pixels
 * @param height of a frame, pixels
 * @param cameras per frame
 * @param depth of every pixel along its camera's z, frames × height × width
 * @param confidence of the depth, above 0, of the same shape
 * @param points that the pixels show, in the world, frames × height × width × 3
 */
public record Reconstruction(
        int width,
        int height,
        List<Camera> cameras,
        float[] depth,
        float[] confidence,
        float[] points) {
    /** Values of a point. */
    static final int PER_POINT = 3;

    public Reconstruction {
        cameras = List.copyOf(cameras);
        int pixels = cameras.size() * width * height;
        if (depth.length != pixels
                || confidence.length != pixels
                || points.length != PER_POINT * pixels) {
            throw new IllegalArgumentException(
                    "%d frames of %d×%d have not %d depths, %d confidences and %d coordinates"
                            .formatted(
                                    cameras.size(),
                                    width,
                                    height,
                                    depth.length,
                                    confidence.length,
                                    points.length));
        }
    }

    /** Why nothing can be said from this; empty if something can. */
    public Optional<String> fault() {
        for (Camera camera : cameras) {
            if (!camera.isFinite()) {
                return Optional.of("the model found cameras that are not numbers");
            }
        }
        for (float value : depth) {
            if (!Float.isFinite(value)) {
                return Optional.of("the model found depths that are not numbers");
            }
        }
        for (float value : points) {
            if (!Float.isFinite(value)) {
                return Optional.of("the model found points that are not numbers");
            }
        }
        return Optional.empty();
    }

    /** Pixels of a frame. */
    int pixels() {
        return width * height;
    }
}
