package dev.reelrank.geometry.scene;

import java.util.List;

/**
 * {@code motion_norm}: how much a camera moves from frame to frame, as VideoGPA measures it (arXiv
 * 2601.23286, {@code metrics/consistency_score.py}):
 *
 * <p>mean of {@code |t(i+1) - t(i)|} plus 0.1 times the mean angle between the rotations of
 * neighbours in radians, where t is the translation of world to camera in the model's unit. 0 for a
 * camera that stands still, and for poses that are not numbers.
 */
public final class MotionNorm {
    /** The name of the figure. */
    public static final String NAME = "motion_norm";

    private static final double TURN_WEIGHT = 0.1;

    private MotionNorm() {}

    /**
     * Of the cameras of neighbouring frames.
     *
     * @param cameras in the order of time
     * @return at least 0; 0 for one camera
     */
    public static double of(List<Camera> cameras) {
        double way = 0;
        double turn = 0;
        for (int i = 1; i < cameras.size(); i++) {
            double[] from = cameras.get(i - 1).translation();
            double[] to = cameras.get(i).translation();
            way +=
                    Math.sqrt(
                            square(to[0] - from[0])
                                    + square(to[1] - from[1])
                                    + square(to[2] - from[2]));
            turn += cameras.get(i).angle(cameras.get(i - 1));
        }
        double norm = (way + TURN_WEIGHT * turn) / Math.max(1, cameras.size() - 1);
        return Double.isFinite(norm) ? norm : 0;
    }

    private static double square(double x) {
        return x * x;
    }
}
