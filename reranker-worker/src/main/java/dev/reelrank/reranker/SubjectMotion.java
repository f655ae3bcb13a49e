package dev.reelrank.reranker;

import dev.reelrank.grading.prompt.Deed;
import dev.reelrank.grading.spatial.Movement;
import dev.reelrank.grading.spatial.Pose;
import dev.reelrank.grading.spatial.Trace;
import dev.reelrank.pipeline.Box;
import dev.reelrank.pipeline.Mask;
import dev.reelrank.pipeline.RgbImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Whether a candidate's subject moves as the prompt asks, seen from its masks in the segmented
 * frames: the way and the growth of the mask, and how much changes within it. A mask does not show
 * in which sense a thing turns, so for turns only whether something changes counts.
 */
final class SubjectMotion {
    /** Change within the subject that counts as a full movement of no known way, 0..1. */
    private static final double FULL_CHANGE = 0.06;

    /** What {@link Movement#ANY} takes for a full movement. */
    private static final double FULL_STIR = 0.02;

    private final List<Pose> poses = new ArrayList<>();
    private double change;
    private double reach;
    private @Nullable Mask firstMask;
    private @Nullable RgbImage firstImage;

    /** Takes a segmented frame, in the order of time; one without a usable mask tells nothing. */
    void take(RgbImage image, SubjectView view) {
        Mask mask = view.mask();
        if (mask == null || !view.usable()) {
            return;
        }
        if (firstMask == null || firstImage == null) {
            firstMask = mask;
            firstImage = image;
            poses.add(Pose.START);
            return;
        }
        Box from = Objects.requireNonNull(firstMask.box());
        Box to = Objects.requireNonNull(mask.box());
        double x = (to.x0() + to.x1() - from.x0() - from.x1()) / 2 / image.width();
        double y = (to.y0() + to.y1() - from.y0() - from.y1()) / 2 / image.height();
        double growth = Math.log(mask.share() / firstMask.share()) / 2;
        poses.add(new Pose(x, y, 0, growth));
        reach = Math.max(reach, Math.hypot(x, y) + Math.abs(growth) / 4);
        change = Math.max(change, changed(firstImage, image, from, to));
    }

    /**
     * The motion term.
     *
     * @param deeds what the subject is to do
     * @return the worst kept of them, 0..1; null if there are none or the subject was seen once
     *     only
     */
    @Nullable Double term(List<Deed> deeds) {
        if (deeds.isEmpty() || poses.size() < 2) {
            return null;
        }
        double stir = Math.min(1, change / FULL_CHANGE) * FULL_STIR;
        var trace = new Trace(poses, stir, Math.max(reach, stir));
        return deeds.stream()
                .flatMap(d -> Movement.of(d).stream())
                .mapToDouble(m -> seen(m).kept(trace))
                .min()
                .orElseThrow();
    }

    private static Movement seen(Movement movement) {
        return movement == Movement.CLOCKWISE || movement == Movement.COUNTERCLOCKWISE
                ? Movement.ANY
                : movement;
    }

    /** Mean absolute difference of two frames in the boxes of the subject, 0..1. */
    private static double changed(RgbImage a, RgbImage b, Box one, Box other) {
        if (a.width() != b.width() || a.height() != b.height()) {
            return 0;
        }
        int x0 = (int) Math.max(0, Math.min(one.x0(), other.x0()));
        int y0 = (int) Math.max(0, Math.min(one.y0(), other.y0()));
        int x1 = (int) Math.min(a.width(), Math.ceil(Math.max(one.x1(), other.x1())));
        int y1 = (int) Math.min(a.height(), Math.ceil(Math.max(one.y1(), other.y1())));
        long sum = 0;
        for (int y = y0; y < y1; y++) {
            for (int i = 3 * (y * a.width() + x0); i < 3 * (y * a.width() + x1); i++) {
                sum += Math.abs((a.rgb()[i] & 0xff) - (b.rgb()[i] & 0xff));
            }
        }
        long values = 3L * (x1 - x0) * (y1 - y0);
        return values <= 0 ? 0 : sum / 255.0 / values;
    }
}
