package dev.reelrank.geometry.scene;

import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.testbed.room.RoomClip;
import dev.reelrank.testbed.room.RoomFault;
import dev.reelrank.testbed.room.RoomMaker;
import dev.reelrank.testbed.room.RoomRenderer;
import java.util.ArrayList;
import java.util.List;

/** Rooms of the testbed as a model that errs in nothing would see them. */
final class Rooms {
    static final int SIDE = 48;
    static final int FRAMES = 6;

    private static final RoomRenderer RENDERER = new RoomRenderer(SIDE, SIDE, 2);

    private Rooms() {}

    static RoomClip rigid(long seed) {
        return RENDERER.render(RoomMaker.scene(seed), FRAMES);
    }

    static RoomClip faulty(long seed, RoomFault fault) {
        return RENDERER.render(RoomMaker.scene(seed), FRAMES, fault, 1);
    }

    static List<RgbImage> frames(RoomClip clip) {
        return clip.frames();
    }

    /** With the first frame's camera as the world. */
    static Reconstruction truth(RoomClip clip) {
        List<Camera> cameras = new ArrayList<>();
        for (var camera : clip.cameras()) {
            cameras.add(
                    new Camera(
                            camera.rotation(),
                            camera.translation(),
                            camera.focal(),
                            camera.focal(),
                            SIDE / 2.0,
                            SIDE / 2.0));
        }
        int pixels = SIDE * SIDE;
        float[] depth = new float[FRAMES * pixels];
        float[] confidence = new float[FRAMES * pixels];
        float[] points = new float[3 * FRAMES * pixels];
        for (int f = 0; f < FRAMES; f++) {
            Camera camera = cameras.get(f);
            for (int i = 0; i < pixels; i++) {
                int at = f * pixels + i;
                double far = clip.depths().get(f)[i];
                double x = (i % SIDE - SIDE / 2.0) / camera.focalX() * far;
                double y = (i / SIDE - SIDE / 2.0) / camera.focalY() * far;
                depth[at] = (float) far;
                confidence[at] = 2;
                for (int axis = 0; axis < 3; axis++) {
                    points[3 * at + axis] = (float) camera.world(axis, x, y, far);
                }
            }
        }
        return new Reconstruction(SIDE, SIDE, cameras, depth, confidence, points);
    }
}
