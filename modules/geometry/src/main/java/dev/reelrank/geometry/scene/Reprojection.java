package dev.reelrank.geometry.scene;

import dev.reelrank.pipeline.RgbImage;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The coloured points of all frames, seen again by each frame's camera, as VideoGPA's scorer does
 * it (arXiv 2601.23286): pixels are rounded, what lies behind the camera or beside the frame is
 * left out, the nearest point of a pixel wins, and pixels that no point meets are black. Of points
 * equally near the first wins, so that the picture is defined; VideoGPA leaves that open.
 */
public final class Reprojection {
    /** Points whose depth is less sure are left out; the model's confidences are above 1. */
    private static final double LEAST_CONFIDENCE = 1e-5;

    private static final double NOT_ZERO = 1e-8;

    private final Reconstruction scene;
    private final List<RgbImage> frames;

    /**
     * @param frames the colours of the points, as many and as large as the scene's
     */
    public Reprojection(Reconstruction scene, List<RgbImage> frames) {
        this.scene = scene;
        this.frames = List.copyOf(frames);
        if (frames.size() != scene.cameras().size()) {
            throw new IllegalArgumentException(
                    "%d frames for %d cameras".formatted(frames.size(), scene.cameras().size()));
        }
    }

    /** The view of every camera. */
    public List<RgbImage> views() {
        return IntStream.range(0, frames.size())
                .parallel()
                .mapToObj(i -> view(scene.cameras().get(i)))
                .toList();
    }

    /** The view of one camera, of the size of a frame. */
    public RgbImage view(Camera camera) {
        int[] nearest = nearest(camera);
        byte[] rgb = new byte[3 * nearest.length];
        for (int at = 0; at < nearest.length; at++) {
            if (nearest[at] >= 0) {
                RgbImage frame = frames.get(nearest[at] / scene.pixels());
                int from = 3 * (nearest[at] % scene.pixels());
                System.arraycopy(frame.rgb(), from, rgb, 3 * at, 3);
            }
        }
        return new RgbImage(scene.width(), scene.height(), rgb);
    }

    /** Per pixel the number of its nearest point, -1 for none. */
    int[] nearest(Camera camera) {
        int width = scene.width();
        int height = scene.height();
        float[] points = scene.points();
        int[] nearest = new int[width * height];
        double[] depth = new double[nearest.length];
        Arrays.fill(nearest, -1);
        Arrays.fill(depth, Double.POSITIVE_INFINITY);
        for (int i = 0; i < scene.confidence().length; i++) {
            double x = points[3 * i];
            double y = points[3 * i + 1];
            double z = points[3 * i + 2];
            double far = camera.axis(2, x, y, z);
            // Also leaves out what is not a number.
            if (!(far > 0) || !(scene.confidence()[i] > LEAST_CONFIDENCE)) {
                continue;
            }
            double right = camera.focalX() * camera.axis(0, x, y, z) + camera.centreX() * far;
            double down = camera.focalY() * camera.axis(1, x, y, z) + camera.centreY() * far;
            double u = Math.rint(right / (far + NOT_ZERO));
            double v = Math.rint(down / (far + NOT_ZERO));
            if (u >= 0 && u < width && v >= 0 && v < height) {
                int at = ((int) v) * width + (int) u;
                if (far < depth[at]) {
                    depth[at] = far;
                    nearest[at] = i;
                }
            }
        }
        return nearest;
    }

    /**
     * The mean squared difference of two pictures, values 0..1.
     *
     * @param first any size
     * @param second of the same size
     */
    public static double meanSquaredError(RgbImage first, RgbImage second) {
        long sum = 0;
        for (int i = 0; i < first.rgb().length; i++) {
            int off = (first.rgb()[i] & 0xff) - (second.rgb()[i] & 0xff);
            sum += (long) off * off;
        }
        return sum / (255.0 * 255.0 * first.rgb().length);
    }
}
