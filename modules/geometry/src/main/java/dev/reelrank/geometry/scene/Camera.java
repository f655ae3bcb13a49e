package dev.reelrank.geometry.scene;

/**
 * A pinhole camera. Axes are OpenCV's: x to the right, y down, z forward.
 *
 * @param rotation world to camera, nine values row by row
 * @param translation world to camera: a point p is at {@code rotation p + translation}
 * @param focalX pixels
 * @param focalY pixels
 * @param centreX of the principal point, pixels
 * @param centreY of the principal point, pixels
 */
public record Camera(
        double[] rotation,
        double[] translation,
        double focalX,
        double focalY,
        double centreX,
        double centreY) {
    /**
     * From VGGT's encoding of a pose.
     *
     * @param pose translation (3), quaternion x, y, z, w of any length but zero, vertical and
     *     horizontal angle of view in radians
     * @param width of the frame, pixels
     * @param height of the frame, pixels
     */
    public static Camera of(float[] pose, int width, int height) {
        double x = pose[3];
        double y = pose[4];
        double z = pose[5];
        double w = pose[6];
        double s = 2 / (x * x + y * y + z * z + w * w);
        double[] rotation = {
            1 - s * (y * y + z * z),
            s * (x * y - z * w),
            s * (x * z + y * w),
            s * (x * y + z * w),
            1 - s * (x * x + z * z),
            s * (y * z - x * w),
            s * (x * z - y * w),
            s * (y * z + x * w),
            1 - s * (x * x + y * y)
        };
        return new Camera(
                rotation,
                new double[] {pose[0], pose[1], pose[2]},
                width / 2.0 / Math.tan(pose[8] / 2.0),
                height / 2.0 / Math.tan(pose[7] / 2.0),
                width / 2.0,
                height / 2.0);
    }

    /** Whether every number is one. */
    boolean isFinite() {
        double sum = focalX + focalY + centreX + centreY;
        for (double value : rotation) {
            sum += value;
        }
        for (double value : translation) {
            sum += value;
        }
        return Double.isFinite(sum);
    }

    /** A coordinate of a world point in the camera's axes: 0 is x, 1 is y, 2 is z. */
    double axis(int axis, double x, double y, double z) {
        return rotation[3 * axis] * x
                + rotation[3 * axis + 1] * y
                + rotation[3 * axis + 2] * z
                + translation[axis];
    }

    /** A coordinate of the world point that the camera sees at (x, y, z) of its own axes. */
    double world(int axis, double x, double y, double z) {
        return rotation[axis] * (x - translation[0])
                + rotation[3 + axis] * (y - translation[1])
                + rotation[6 + axis] * (z - translation[2]);
    }

    /** The angle between the directions of two cameras, radians. */
    public double angle(Camera other) {
        double trace = 0;
        for (int i = 0; i < 9; i++) {
            trace += rotation[i] * other.rotation[i];
        }
        return Math.acos(Math.max(-1, Math.min(1, (trace - 1) / 2)));
    }
}
