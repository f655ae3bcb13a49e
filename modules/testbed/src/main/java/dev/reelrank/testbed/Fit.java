package dev.reelrank.testbed;

import dev.reelrank.pipeline.RgbImage;
import org.jspecify.annotations.Nullable;

/**
 * Lays a subject of the world over the picture without it: at the pose that it should have or with
 * the centre and the area of what a frame shows, and at the angle that covers that best. What the
 * laid subject shows is found as it is in the frame: a part that looks like what is behind it (skin
 * over beige) counts in neither.
 *
 * @param subject the subject as laid
 * @param mask its pixels
 * @param iou how well what both show agrees where nothing hides the subject, 0..1
 */
record Fit(Subject subject, boolean[] mask, double iou) {
    /**
     * The best fit near a pose.
     *
     * @param laid the subject to lay over the frame, at the pose that it should have
     * @param empty the picture without it
     * @param shown the pixels of the frame's subject
     * @param hidden pixels that another subject covers
     * @param turns angles to try beside the pose's own, radians
     * @return null when the frame shows nothing
     */
    static @Nullable Fit of(
            Subject laid, RgbImage empty, boolean[] shown, boolean[] hidden, float[] turns) {
        int size = empty.width();
        double[] centre = Region.centre(shown, size);
        if (centre == null) {
            return null;
        }
        Fit best = null;
        for (float turn : turns) {
            Subject turned = placed(laid, laid.x(), laid.y(), laid.radius(), laid.angle() + turn);
            // Where it should be, and where the visible part says that it is.
            Clip over = Renderer.over(empty, turned);
            boolean[] visible = visible(over, empty, hidden);
            Fit there = of(turned, over, visible, shown, hidden);
            best = best == null || there.iou() > best.iou() ? there : best;
            double[] at = Region.centre(visible, size);
            if (at == null) {
                continue;
            }
            float growth = (float) Math.sqrt((double) Region.area(shown) / Region.area(visible));
            Subject moved =
                    placed(
                            turned,
                            (float) (centre[0] + (turned.x() - at[0]) * growth),
                            (float) (centre[1] + (turned.y() - at[1]) * growth),
                            turned.radius() * growth,
                            turned.angle());
            over = Renderer.over(empty, moved);
            Fit here = of(moved, over, visible(over, empty, hidden), shown, hidden);
            best = here.iou() > best.iou() ? here : best;
        }
        return best;
    }

    private static Fit of(
            Subject subject, Clip over, boolean[] visible, boolean[] shown, boolean[] hidden) {
        return new Fit(
                subject,
                Region.labelled(over.masks().get(0), 1),
                Region.iou(visible, shown, hidden));
    }

    private static boolean[] visible(Clip over, RgbImage empty, boolean[] hidden) {
        boolean[] seen = Foreground.of(over.frames().get(0), empty);
        for (int i = 0; i < seen.length; i++) {
            seen[i] &= !hidden[i];
        }
        return seen;
    }

    private static Subject placed(Subject s, float x, float y, float radius, float angle) {
        return new Subject(s.kind(), s.colour(), s.pattern(), s.tint(), x, y, radius, angle);
    }
}
