package dev.reelrank.testbed.room;

/**
 * A box that stands on the floor.
 *
 * @param x of its middle, metres
 * @param z of its middle, metres
 * @param halfWidth along its own x, metres
 * @param height metres
 * @param halfLength along its own z, metres
 * @param yaw by which it is turned, radians
 * @param paint on all its sides
 */
record Block(
        double x,
        double z,
        double halfWidth,
        double height,
        double halfLength,
        double yaw,
        Paint paint) {
    /** The same box elsewhere. */
    Block at(double newX, double newZ, double newYaw) {
        return new Block(newX, newZ, halfWidth, height, halfLength, newYaw, paint);
    }

    /** The radius of the circle on the floor that holds it, metres. */
    double radius() {
        return Math.hypot(halfWidth, halfLength);
    }
}
