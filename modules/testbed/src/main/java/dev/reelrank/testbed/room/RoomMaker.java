package dev.reelrank.testbed.room;

import dev.reelrank.testbed.Dice;
import java.util.ArrayList;
import java.util.List;

/** Draws rooms and camera ways: the same seed, the same room. */
public final class RoomMaker {
    /** The camera stays this far from every surface, metres. */
    private static final double CLEARANCE = 0.35;

    private static final int CHECKED = 24;
    private static final long MOVES = 899;

    private static final Style VARIED =
            new Style(
                    1,
                    1,
                    new float[] {0.6f, 1.2f},
                    new float[] {0.3f, 0.55f},
                    new float[] {0.9f, 1.3f},
                    true);

    /** The prompt of such a room says all: a camera always goes equally far, and rolls one way. */
    private static final Style PLAIN =
            new Style(
                    2.2f,
                    1.8f,
                    new float[] {0.7f, 0.7f},
                    new float[] {0.3f, 0.3f},
                    new float[] {1.1f, 1.1f},
                    false);

    private final Dice dice;
    private final Style style;

    private RoomMaker(long seed, long attempt, Style style) {
        dice = new Dice(seed, 900 + attempt);
        this.style = style;
    }

    /**
     * What is drawn from where.
     *
     * @param walls by how much the textures of walls are coarser
     * @param blocks by how much the textures of boxes are coarser
     * @param way of the camera, metres
     * @param turn of the camera, radians
     * @param view of the longer side, radians
     * @param bothWays whether cameras roll to either side
     */
    private record Style(
            float walls, float blocks, float[] way, float[] turn, float[] view, boolean bothWays) {}

    /** The room of a seed, with a camera that touches nothing. */
    public static RoomScene scene(long seed) {
        return scene(seed, VARIED);
    }

    /**
     * The room of a seed as a small generator can learn it: coarse textures, and a camera whose way
     * follows from the prompt.
     */
    public static RoomScene plain(long seed) {
        return scene(seed, PLAIN);
    }

    private static RoomScene scene(long seed, Style style) {
        // Drawn once: moves that need more space would be rarer otherwise.
        RoomMove move = new Dice(seed, MOVES).pick(RoomMove.values());
        for (long attempt = 0; ; attempt++) {
            var scene = new RoomMaker(seed, attempt, style).draw(seed, move);
            if (isFree(scene)) {
                return scene;
            }
        }
    }

    private RoomScene draw(long seed, RoomMove move) {
        double[] half = {
            dice.between(1.8f, 3f), dice.between(1.2f, 1.6f), dice.between(2.4f, 3.6f)
        };
        List<Paint> walls = new ArrayList<>();
        for (int i = 0; i < RoomScene.WALLS; i++) {
            walls.add(paint(0.5f * style.walls, 1.1f * style.walls));
        }
        List<Block> blocks = new ArrayList<>();
        int count = 2 + dice.below(3);
        while (blocks.size() < count) {
            blocks.add(block(half));
        }
        return new RoomScene(
                seed, half, walls, blocks, move, path(move, half), between(style.view));
    }

    private Paint paint(float finest, float coarsest) {
        double[] first = colour();
        double[] second = colour();
        double contrast = 0;
        for (int c = 0; c < 3; c++) {
            contrast += Math.abs(first[c] - second[c]);
        }
        if (contrast < 0.5) {
            for (int c = 0; c < 3; c++) {
                second[c] = 0.15 + 0.8 * (1 - first[c]);
            }
        }
        return Paint.of(
                dice.pick(Paint.Pattern.values()),
                first,
                second,
                dice.between(finest, coarsest),
                dice.between(-0.5f, 0.5f),
                dice.below(1 << 20));
    }

    private double between(float[] range) {
        return dice.between(range[0], range[1]);
    }

    private double[] colour() {
        return new double[] {
            dice.between(0.15f, 1f), dice.between(0.15f, 1f), dice.between(0.15f, 1f)
        };
    }

    private Block block(double[] half) {
        double width = dice.between(0.2f, 0.55f);
        double length = dice.between(0.2f, 0.55f);
        return new Block(
                dice.between(-0.75f, 0.75f) * half[0],
                dice.between(-0.15f, 0.75f) * half[2],
                width,
                dice.between(0.5f, 1.7f),
                length,
                dice.between(0, 1.57f),
                paint(0.3f * style.blocks, 0.6f * style.blocks));
    }

    private RoomScene.Path path(RoomMove move, double[] half) {
        double x = dice.between(-0.3f, 0.3f) * half[0];
        double y = dice.between(-0.35f, 0.25f) * half[1];
        double z = -half[2] + dice.between(0.6f, 1.3f);
        double yaw = dice.between(-0.22f, 0.22f);
        double pitch = dice.between(-0.02f, 0.16f);
        var from = new RoomScene.Pose(x, y, z, yaw, pitch, dice.between(-0.04f, 0.04f));
        double way = between(style.way);
        double turn = between(style.turn);
        return switch (move) {
            case PUSH_IN -> line(from, way, 0, 0, 0);
            case PULL_OUT -> reversed(line(from, way, 0, 0, 0));
            case TRUCK_LEFT -> line(from, 0.15 * way, -way, 0, 0);
            case TRUCK_RIGHT -> line(from, 0.15 * way, way, 0, 0);
            case PAN_LEFT -> line(from, 0.7 * way, -0.25 * way, -turn, 0);
            case PAN_RIGHT -> line(from, 0.7 * way, 0.25 * way, turn, 0);
            case ORBIT_LEFT -> orbit(half, y, pitch, turn);
            case ORBIT_RIGHT -> orbit(half, y, pitch, -turn);
            case ROLL ->
                    line(from, 0.8 * way, 0, 0, dice.chance(0.5) || !style.bothWays ? turn : -turn);
        };
    }

    /** Along the view and to the right of it, metres; turned and rolled, radians. */
    private static RoomScene.Path line(
            RoomScene.Pose from, double ahead, double right, double turn, double roll) {
        double sin = Math.sin(from.yaw());
        double cos = Math.cos(from.yaw());
        var to =
                new RoomScene.Pose(
                        from.x() + ahead * sin + right * cos,
                        from.y(),
                        from.z() + ahead * cos - right * sin,
                        from.yaw() + turn,
                        from.pitch(),
                        from.roll() + roll);
        return time -> from.between(to, time);
    }

    private static RoomScene.Path reversed(RoomScene.Path path) {
        return time -> path.at(1 - time);
    }

    private RoomScene.Path orbit(double[] half, double y, double pitch, double turn) {
        double centre = dice.between(0, 0.4f) * half[2];
        double radius = Math.min(centre + half[2] - 0.5, half[0] / Math.sin(0.4) * 0.9);
        double start = -turn / 2 + dice.between(-0.1f, 0.1f);
        return time -> {
            double angle = start + turn * time;
            return new RoomScene.Pose(
                    -radius * Math.sin(angle),
                    y,
                    centre - radius * Math.cos(angle),
                    angle,
                    pitch,
                    0);
        };
    }

    private static boolean isFree(RoomScene scene) {
        for (int i = 0; i <= CHECKED; i++) {
            var pose = scene.path().at(i / (double) CHECKED);
            double[] at = {pose.x(), pose.y(), pose.z()};
            for (int axis = 0; axis < 3; axis++) {
                if (Math.abs(at[axis]) > scene.half()[axis] - CLEARANCE) {
                    return false;
                }
            }
            for (Block block : scene.blocks()) {
                if (Math.hypot(at[0] - block.x(), at[2] - block.z()) < block.radius() + CLEARANCE) {
                    return false;
                }
            }
        }
        return true;
    }
}
