package dev.reelrank.testbed.room;

import java.util.List;

/**
 * A room and the way of a camera through it.
 *
 * @param seed it was drawn from
 * @param half half of width, height and depth, metres; the middle of the room is the origin
 * @param walls six paints: at low x, high x, ceiling, floor, low z, high z
 * @param blocks on the floor
 * @param move of the camera
 * @param path of the camera
 * @param fieldOfView of the longer side of a frame, radians
 */
public record RoomScene(
        long seed,
        double[] half,
        List<Paint> walls,
        List<Block> blocks,
        RoomMove move,
        Path path,
        double fieldOfView) {
    /** Walls of a room. */
    static final int WALLS = 6;

    public RoomScene {
        walls = List.copyOf(walls);
        blocks = List.copyOf(blocks);
        if (walls.size() != WALLS) {
            throw new IllegalArgumentException("a room has six walls, not " + walls.size());
        }
    }

    /** Where the camera is and looks over the time 0..1 of a clip. */
    interface Path {
        Pose at(double time);
    }

    /**
     * A camera.
     *
     * @param x metres
     * @param y metres
     * @param z metres
     * @param yaw turn to the right, radians
     * @param pitch turn downwards, radians
     * @param roll clockwise turn of the camera, radians
     */
    record Pose(double x, double y, double z, double yaw, double pitch, double roll) {
        /** World to camera: rotation, row by row. */
        double[] rotation() {
            double cy = Math.cos(yaw);
            double sy = Math.sin(yaw);
            double cp = Math.cos(pitch);
            double sp = Math.sin(pitch);
            double cr = Math.cos(roll);
            double sr = Math.sin(roll);
            double[] right = {cy, 0, -sy};
            double[] forward = {sy * cp, sp, cy * cp};
            double[] down = {-sy * sp, cp, -cy * sp};
            double[] r = new double[9];
            for (int i = 0; i < 3; i++) {
                r[i] = cr * right[i] + sr * down[i];
                r[3 + i] = -sr * right[i] + cr * down[i];
                r[6 + i] = forward[i];
            }
            return r;
        }

        Pose between(Pose other, double share) {
            return new Pose(
                    x + share * (other.x - x),
                    y + share * (other.y - y),
                    z + share * (other.z - z),
                    yaw + share * (other.yaw - yaw),
                    pitch + share * (other.pitch - pitch),
                    roll + share * (other.roll - roll));
        }
    }

    /** A prompt that says what is there and how the camera moves. */
    public String prompt() {
        String things = blocks.size() == 1 ? "one box" : "%d boxes".formatted(blocks.size());
        return "An empty room with patterned walls and %s on the floor. Nothing in the room moves. The camera %s."
                .formatted(things, move.words());
    }
}
