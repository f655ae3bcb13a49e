package dev.reelrank.testbed.room;

import dev.reelrank.testbed.room.RoomScene.Pose;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A room at one moment of a clip, with its fault.
 *
 * @param pose of the camera
 * @param blocks where they are now
 * @param bend by how much walls bulge, metres
 * @param swim by how much textures flow, metres
 * @param phase of the waves in the textures, radians
 */
record RoomState(Pose pose, List<Block> blocks, double bend, double swim, double phase) {
    private static final double BEND = 0.5;
    private static final double SWIM = 0.16;
    private static final double WAVES = 9;
    private static final double JUMP_AT = 0.5;

    /** Of the picture that shows how much is seen of a block, on either side. */
    private static final int RAYS = 56;

    private static final Pose JUMP = new Pose(0.45, 0.1, 0, 0.16, 0, 0);

    RoomState {
        blocks = List.copyOf(blocks);
    }

    static RoomState of(RoomScene scene, double time, @Nullable RoomFault fault, double strength) {
        Pose pose = scene.path().at(time);
        if (fault == null) {
            return new RoomState(pose, scene.blocks(), 0, 0, 0);
        }
        return switch (fault) {
            case BENDING_WALLS -> new RoomState(pose, scene.blocks(), BEND * strength * time, 0, 0);
            case SWIMMING_TEXTURE ->
                    new RoomState(
                            pose,
                            scene.blocks(),
                            0,
                            SWIM * strength * Math.min(1, 2 * time),
                            WAVES * time);
            case SLIDING_OBJECT -> new RoomState(pose, slid(scene, pose, strength), 0, 0, 0);
            case CAMERA_JUMP ->
                    new RoomState(
                            time < JUMP_AT ? pose : jumped(scene, pose, strength),
                            scene.blocks(),
                            0,
                            0,
                            0);
            case FROZEN -> of(scene, 0, null, 0);
        };
    }

    /** Towards the side of the room that is farther away, so that the camera stays inside. */
    private static Pose jumped(RoomScene scene, Pose pose, double strength) {
        double side = pose.x() > 0 ? -strength : strength;
        double up = pose.y() > 0 ? -strength : strength;
        double reach = Math.min(JUMP.x(), scene.half()[0] - 0.3 + Math.abs(pose.x()));
        return new Pose(
                pose.x() + side * reach,
                pose.y() + up * JUMP.y(),
                pose.z(),
                pose.yaw() + side * JUMP.yaw(),
                pose.pitch(),
                pose.roll());
    }

    /** One block keeps its place in front of the camera. */
    private static List<Block> slid(RoomScene scene, Pose now, double strength) {
        Pose start = scene.path().at(0);
        int slides = mostSeen(scene, start);
        List<Block> blocks = new ArrayList<>(scene.blocks());
        Block block = blocks.get(slides);
        double turned = now.yaw() - start.yaw();
        double dx = block.x() - start.x();
        double dz = block.z() - start.z();
        double x = now.x() + Math.cos(turned) * dx + Math.sin(turned) * dz;
        double z = now.z() - Math.sin(turned) * dx + Math.cos(turned) * dz;
        blocks.set(
                slides,
                block.at(
                        block.x() + strength * (x - block.x()),
                        block.z() + strength * (z - block.z()),
                        block.yaw() + strength * turned));
        return blocks;
    }

    /** The block that takes most of the first frame, of equal ones the first. */
    private static int mostSeen(RoomScene scene, Pose start) {
        var ray = new RoomRay(scene, new RoomState(start, scene.blocks(), 0, 0, 0));
        double[] rotation = start.rotation();
        double reach = Math.tan(scene.fieldOfView() / 2);
        int[] seen = new int[scene.blocks().size()];
        for (int row = 0; row < RAYS; row++) {
            for (int column = 0; column < RAYS; column++) {
                double x = reach * (2.0 * column / RAYS - 1);
                double y = reach * (2.0 * row / RAYS - 1);
                ray.cast(rotation, x, y);
                if (ray.block() >= 0) {
                    seen[ray.block()]++;
                }
            }
        }
        int best = 0;
        for (int i = 1; i < seen.length; i++) {
            if (seen[i] > seen[best]) {
                best = i;
            }
        }
        return best;
    }
}
