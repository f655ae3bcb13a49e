package dev.reelrank.testbed.room;

import java.util.List;

/** Casts rays into a room, one after another; belongs to one thread. */
final class RoomRay {
    /** How bright a surface is by the axis of its normal. */
    private static final double[] SHADE = {0.82, 1.0, 0.94};

    private static final int ROUNDS = 16;
    private static final double SLACK = 1e-9;
    private static final double BULGE_A = 1.6;
    private static final double BULGE_B = 1.3;
    private static final double WAVE = 5;

    private final RoomScene scene;
    private final RoomState state;
    private final double[] origin;
    private final double[] cosines;
    private final double[] sines;
    private final double[] direction = new double[3];
    private final double[] local = new double[3];
    private final double[] ray = new double[3];

    private double distance;
    private int met;
    private Paint paint;
    private double a;
    private double b;
    private double shade;

    RoomRay(RoomScene scene, RoomState state) {
        this.scene = scene;
        this.state = state;
        this.origin = new double[] {state.pose().x(), state.pose().y(), state.pose().z()};
        this.cosines = state.blocks().stream().mapToDouble(b -> Math.cos(b.yaw())).toArray();
        this.sines = state.blocks().stream().mapToDouble(b -> Math.sin(b.yaw())).toArray();
        this.paint = scene.walls().get(0);
    }

    /**
     * Casts a ray from the camera.
     *
     * @param rotation world to camera, nine values row by row
     * @param x of the ray in the camera's axes, where its z is 1
     * @param y likewise
     * @return how many directions away the nearest surface is
     */
    double cast(double[] rotation, double x, double y) {
        for (int axis = 0; axis < 3; axis++) {
            direction[axis] = rotation[axis] * x + rotation[3 + axis] * y + rotation[6 + axis];
        }
        distance = Double.POSITIVE_INFINITY;
        met = -1;
        for (int axis = 0; axis < 3; axis++) {
            wall(axis);
        }
        List<Block> blocks = state.blocks();
        for (int i = 0; i < blocks.size(); i++) {
            if (block(blocks.get(i), cosines[i], sines[i])) {
                met = i;
            }
        }
        return distance;
    }

    /** The number of the block that the last ray met, -1 for a wall. */
    int block() {
        return met;
    }

    /** Adds {@code weight} times the colour that the last ray met. */
    void paint(double weight, double[] sums) {
        double u = a;
        double v = b;
        if (state.swim() != 0) {
            u += state.swim() * Math.sin(WAVE * b + state.phase());
            v += state.swim() * Math.sin(WAVE * a + 1.3 * state.phase());
        }
        paint.add(u, v, weight * shade, sums);
    }

    private void wall(int axis) {
        if (direction[axis] == 0) {
            return;
        }
        boolean high = direction[axis] > 0;
        double side = high ? scene.half()[axis] : -scene.half()[axis];
        int first = (axis + 1) % 3;
        int second = (axis + 2) % 3;
        double s = (side - origin[axis]) / direction[axis];
        if (state.bend() != 0) {
            // However it bulges, it cannot come before what was met.
            if (s - Math.abs(state.bend() / direction[axis]) > distance + SLACK) {
                return;
            }
            for (int round = 0; round < ROUNDS; round++) {
                double bulge = bulge(first, second, s);
                double next = (side + (high ? -bulge : bulge) - origin[axis]) / direction[axis];
                s = Math.max(1e-3, 0.5 * (s + next));
            }
        }
        if (s < distance) {
            distance = s;
            a = origin[first] + s * direction[first];
            b = origin[second] + s * direction[second];
            paint = scene.walls().get(2 * axis + (high ? 1 : 0));
            shade = SHADE[axis] * (high ? 1 : 0.92);
        }
    }

    private double bulge(int first, int second, double s) {
        double u = origin[first] + s * direction[first];
        double v = origin[second] + s * direction[second];
        return state.bend() * Math.sin(BULGE_A * u + 0.6) * Math.cos(BULGE_B * v - 0.3);
    }

    /** Whether this block is nearer than all that was met before. */
    private boolean block(Block block, double cos, double sin) {
        double floor = scene.half()[1];
        turn(cos, sin, origin[0] - block.x(), origin[1] - floor, origin[2] - block.z(), local);
        turn(cos, sin, direction[0], direction[1], direction[2], ray);
        double near = 0;
        double far = Double.POSITIVE_INFINITY;
        int entered = -1;
        for (int axis = 0; axis < 3; axis++) {
            double low =
                    axis == 0
                            ? -block.halfWidth()
                            : axis == 1 ? -block.height() : -block.halfLength();
            double high = axis == 0 ? block.halfWidth() : axis == 1 ? 0 : block.halfLength();
            if (ray[axis] == 0) {
                if (local[axis] < low || local[axis] > high) {
                    return false;
                }
                continue;
            }
            double one = (low - local[axis]) / ray[axis];
            double other = (high - local[axis]) / ray[axis];
            double in = Math.min(one, other);
            if (in > near) {
                near = in;
                entered = axis;
            }
            far = Math.min(far, Math.max(one, other));
        }
        if (entered < 0 || near >= far || near >= distance) {
            return false;
        }
        distance = near;
        int first = (entered + 1) % 3;
        int second = (entered + 2) % 3;
        a = local[first] + near * ray[first] + 7 * entered;
        b = local[second] + near * ray[second];
        paint = block.paint();
        shade = SHADE[entered] * (ray[entered] > 0 ? 1 : 0.8);
        return true;
    }

    private static void turn(double cos, double sin, double x, double y, double z, double[] to) {
        to[0] = cos * x - sin * z;
        to[1] = y;
        to[2] = sin * x + cos * z;
    }
}
