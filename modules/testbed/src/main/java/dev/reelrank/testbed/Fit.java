package dev.reelrank.testbed;

import dev.reelrank.pipeline.RgbImage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Lays a subject of the world over what a frame shows: at the pose that it should have or with the
 * centre and the area of what is shown, and at the angle that covers it best.
 *
 * @param subject the subject as laid
 * @param picture that subject over its background, alone
 * @param mask its pixels
 * @param iou how well the masks agree where nothing hides the subject, 0..1
 */
record Fit(Subject subject, RgbImage picture, boolean[] mask, double iou) {
    /**
     * The best fit near a pose.
     *
     * @param kind the kind to lay over the frame
     * @param shown the pixels of the frame's subject
     * @param hidden pixels that another subject covers
     * @param turns angles to try beside the pose's own, radians
     * @return null when the frame shows nothing
     */
    static @Nullable Fit of(
            Scene scene, Kind kind, Pose pose, boolean[] shown, boolean[] hidden, float[] turns) {
        double[] centre = Region.centre(shown, scene.size());
        if (centre == null) {
            return null;
        }
        Fit best = null;
        for (float turn : turns) {
            Subject laid =
                    new Subject(
                            kind,
                            scene.first().colour(),
                            scene.first().pattern(),
                            scene.first().tint(),
                            pose.x(),
                            pose.y(),
                            pose.radius(),
                            pose.angle() + turn);
            // Where it should be, and where the visible part says that it is.
            Fit there = laid(scene, laid, shown, hidden);
            best = best == null || there.iou() > best.iou() ? there : best;
            boolean[] mask = visible(there.mask(), hidden);
            double[] at = Region.centre(mask, scene.size());
            if (at == null) {
                continue;
            }
            float growth = (float) Math.sqrt((double) Region.area(shown) / Region.area(mask));
            Subject moved =
                    new Subject(
                            kind,
                            laid.colour(),
                            laid.pattern(),
                            laid.tint(),
                            (float) (centre[0] + (laid.x() - at[0]) * growth),
                            (float) (centre[1] + (laid.y() - at[1]) * growth),
                            laid.radius() * growth,
                            laid.angle());
            Fit here = laid(scene, moved, shown, hidden);
            best = here.iou() > best.iou() ? here : best;
        }
        return best;
    }

    private static Fit laid(Scene scene, Subject subject, boolean[] shown, boolean[] hidden) {
        Clip clip = alone(scene, subject);
        boolean[] mask = Region.labelled(clip.masks().get(0), 1);
        return new Fit(subject, clip.frames().get(0), mask, Region.iou(mask, shown, hidden));
    }

    static Clip alone(Scene scene, Subject subject) {
        Scene single =
                new Scene(
                        scene.seed(),
                        scene.size(),
                        List.of(subject),
                        null,
                        scene.background(),
                        scene.action(),
                        scene.speed(),
                        scene.manner(),
                        Camera.STILL);
        return Renderer.render(single, 1);
    }

    private static boolean[] visible(boolean[] mask, boolean[] hidden) {
        boolean[] seen = mask.clone();
        for (int i = 0; i < seen.length; i++) {
            seen[i] &= !hidden[i];
        }
        return seen;
    }
}
