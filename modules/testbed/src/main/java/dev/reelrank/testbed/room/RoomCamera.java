package dev.reelrank.testbed.room;

/**
 * The camera of a frame.
 *
 * @param rotation world to camera, nine values row by row
 * @param translation world to camera, metres: a point p is seen at {@code rotation p + translation}
 * @param focal length, pixels; the principal point is pixel (width/2, height/2)
 */
public record RoomCamera(double[] rotation, double[] translation, double focal) {
    static RoomCamera of(RoomScene.Pose pose, double focal) {
        double[] r = pose.rotation();
        double[] t = new double[3];
        for (int i = 0; i < 3; i++) {
            t[i] = -(r[3 * i] * pose.x() + r[3 * i + 1] * pose.y() + r[3 * i + 2] * pose.z());
        }
        return new RoomCamera(r, t, focal);
    }
}
