package dev.reelrank.testbed.room;

import dev.reelrank.pipeline.RgbImage;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Renders rooms by casting rays, in double precision and the same on every machine.
 *
 * <p>Pixels are counted as VGGT counts them: the ray through the middle of pixel (u, v) has the
 * direction {@code ((u - width/2) / focal, (v - height/2) / focal, 1)} in the camera's axes.
 */
public final class RoomRenderer {
    private final int width;
    private final int height;
    private final int samples;

    /**
     * @param width of the frames, pixels, at least 2
     * @param height of the frames, pixels, at least 2
     * @param samples per pixel and axis, at least 1: 2 takes four rays per pixel
     */
    public RoomRenderer(int width, int height, int samples) {
        if (width < 2 || height < 2 || samples < 1) {
            throw new IllegalArgumentException(
                    "no frame of %d×%d with %d samples".formatted(width, height, samples));
        }
        this.width = width;
        this.height = height;
        this.samples = samples;
    }

    /**
     * A clip of a rigid room.
     *
     * @param frames evenly over the way of the camera, at least 2
     */
    public RoomClip render(RoomScene scene, int frames) {
        return clip(scene, frames, null, 0);
    }

    /**
     * Views of a rigid room at any moments.
     *
     * @param times along the way of the camera; 0 is its begin, 1 its end, and it goes on beyond
     */
    public RoomClip render(RoomScene scene, double[] times) {
        return clip(scene, times, null, 0);
    }

    /**
     * A clip with a fault. Depths and cameras are those of the faulty room.
     *
     * @param frames evenly over the way of the camera, at least 2
     * @param strength 0 (none) to 1 (strong)
     */
    public RoomClip render(RoomScene scene, int frames, RoomFault fault, double strength) {
        return clip(scene, frames, fault, strength);
    }

    private RoomClip clip(RoomScene scene, int frames, @Nullable RoomFault fault, double strength) {
        if (frames < 2) {
            throw new IllegalArgumentException("a clip has at least 2 frames, not " + frames);
        }
        return clip(
                scene,
                IntStream.range(0, frames).mapToDouble(i -> i / (frames - 1.0)).toArray(),
                fault,
                strength);
    }

    private RoomClip clip(
            RoomScene scene, double[] times, @Nullable RoomFault fault, double strength) {
        List<Shot> shots =
                Arrays.stream(times)
                        .parallel()
                        .mapToObj(time -> shot(scene, time, fault, strength))
                        .toList();
        return new RoomClip(
                shots.stream().map(Shot::frame).toList(),
                shots.stream().map(Shot::depth).toList(),
                shots.stream().map(Shot::camera).toList());
    }

    private record Shot(RgbImage frame, float[] depth, RoomCamera camera) {}

    private Shot shot(RoomScene scene, double time, @Nullable RoomFault fault, double strength) {
        var state = RoomState.of(scene, time, fault, strength);
        var camera = RoomCamera.of(state.pose(), focal(scene));
        float[] depth = new float[width * height];
        return new Shot(frame(new RoomRay(scene, state), camera, depth), depth, camera);
    }

    private double focal(RoomScene scene) {
        return Math.max(width, height) / 2.0 / Math.tan(scene.fieldOfView() / 2);
    }

    private RgbImage frame(RoomRay ray, RoomCamera camera, float[] depth) {
        byte[] rgb = new byte[width * height * 3];
        double[] sums = new double[3];
        for (int v = 0; v < height; v++) {
            for (int u = 0; u < width; u++) {
                int at = v * width + u;
                depth[at] = (float) cast(ray, camera, u, v);
                sums[0] = 0;
                sums[1] = 0;
                sums[2] = 0;
                for (int row = 0; row < samples; row++) {
                    for (int column = 0; column < samples; column++) {
                        double du = (column + 0.5) / samples - 0.5;
                        double dv = (row + 0.5) / samples - 0.5;
                        // The one ray of a pixel goes through its middle, as that of the depth.
                        if (samples > 1) {
                            cast(ray, camera, u + du, v + dv);
                        }
                        ray.paint(1.0 / (samples * samples), sums);
                    }
                }
                for (int c = 0; c < 3; c++) {
                    rgb[3 * at + c] = (byte) Math.round(255 * Math.min(1, sums[c]));
                }
            }
        }
        return new RgbImage(width, height, rgb);
    }

    private double cast(RoomRay ray, RoomCamera camera, double u, double v) {
        double x = (u - width / 2.0) / camera.focal();
        double y = (v - height / 2.0) / camera.focal();
        return ray.cast(camera.rotation(), x, y);
    }
}
