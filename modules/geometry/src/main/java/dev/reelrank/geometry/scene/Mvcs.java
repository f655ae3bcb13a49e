package dev.reelrank.geometry.scene;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * {@code mvcs}, the multi-view consistency score, as VideoGPA computes it ({@code
 * metrics/mvcs.py}): the depth of frame i is turned into points, these are seen by the camera of
 * frame i+1, and their depth there is compared with the depth that the model gives frame i+1 at
 * that place (bilinear, 0 beyond the last pixel). {@code exp(-mean over the pairs of the mean
 * squared difference)}; 1 is perfect, higher is better. Points behind the camera or beside the
 * frame do not count; without any there is no score, where VideoGPA says 0.
 */
public final class Mvcs {
    /** The name of the metric. */
    public static final String NAME = "mvcs";

    private Mvcs() {}

    /**
     * Of neighbouring frames.
     *
     * @return 0..1; empty if no frame sees a point of the frame before it
     */
    public static OptionalDouble of(Reconstruction scene) {
        List<Double> errors = new ArrayList<>();
        for (int i = 0; i + 1 < scene.cameras().size(); i++) {
            pair(scene, i).ifPresent(errors::add);
        }
        OptionalDouble mean = errors.stream().mapToDouble(Double::doubleValue).average();
        return mean.isPresent()
                ? OptionalDouble.of(Math.exp(-mean.getAsDouble()))
                : OptionalDouble.empty();
    }

    private static OptionalDouble pair(Reconstruction scene, int first) {
        Camera from = scene.cameras().get(first);
        Camera to = scene.cameras().get(first + 1);
        double sum = 0;
        long count = 0;
        for (int v = 0; v < scene.height(); v++) {
            for (int u = 0; u < scene.width(); u++) {
                double far = scene.depth()[first * scene.pixels() + v * scene.width() + u];
                double cx = (u - from.centreX()) / from.focalX() * far;
                double cy = (v - from.centreY()) / from.focalY() * far;
                double x = from.world(0, cx, cy, far);
                double y = from.world(1, cx, cy, far);
                double z = from.world(2, cx, cy, far);
                double depth = to.axis(2, x, y, z);
                double near = Math.max(1e-8, depth);
                double right = (to.focalX() * to.axis(0, x, y, z) + to.centreX() * depth) / near;
                double down = (to.focalY() * to.axis(1, x, y, z) + to.centreY() * depth) / near;
                if (depth > 0
                        && right >= 0
                        && right < scene.width()
                        && down >= 0
                        && down < scene.height()) {
                    double off = sampled(scene, first + 1, right, down) - depth;
                    sum += off * off;
                    count++;
                }
            }
        }
        return count == 0 ? OptionalDouble.empty() : OptionalDouble.of(sum / count);
    }

    private static double sampled(Reconstruction scene, int frame, double u, double v) {
        int left = (int) u;
        int top = (int) v;
        double a = u - left;
        double b = v - top;
        return (1 - b)
                        * ((1 - a) * at(scene, frame, left, top)
                                + a * at(scene, frame, left + 1, top))
                + b
                        * ((1 - a) * at(scene, frame, left, top + 1)
                                + a * at(scene, frame, left + 1, top + 1));
    }

    private static double at(Reconstruction scene, int frame, int u, int v) {
        return u < scene.width() && v < scene.height()
                ? scene.depth()[frame * scene.pixels() + v * scene.width() + u]
                : 0;
    }
}
