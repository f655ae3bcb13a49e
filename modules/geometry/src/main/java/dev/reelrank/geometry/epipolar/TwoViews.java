package dev.reelrank.geometry.epipolar;

import dev.reelrank.video.HeadlessOpenCv;
import java.util.Optional;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.opencv.global.opencv_calib3d;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;

/** What OpenCV's robust estimators find in the matches of two views. Equal input, equal output. */
final class TwoViews {
    /** Matches farther away do not support an estimate, pixels. */
    private static final double SUPPORT = 1.0;

    private static final double CONFIDENCE = 0.999;
    private static final int ROUNDS = 2000;
    private static final int REFINED = 10;

    static {
        HeadlessOpenCv.prepare();
    }

    private TwoViews() {}

    /**
     * The fundamental matrix by RANSAC, nine values row by row; empty if there is none.
     *
     * @param matches at least eight
     */
    static Optional<double[]> fundamental(PointMatches matches) {
        try (var first = points(matches, 0);
                var second = points(matches, 2);
                var inliers = new Mat();
                var found =
                        opencv_calib3d.findFundamentalMat(
                                first,
                                second,
                                opencv_calib3d.FM_RANSAC,
                                SUPPORT,
                                CONFIDENCE,
                                ROUNDS,
                                inliers)) {
            return nine(found);
        }
    }

    /**
     * The share of the matches that one homography explains: of a plane, or of a camera that only
     * turns. The more it explains, the less the matches say about depth.
     *
     * @param matches at least four
     * @return 0..1
     */
    static double planar(PointMatches matches) {
        try (var first = points(matches, 0);
                var second = points(matches, 2);
                var inliers = new Mat();
                var found =
                        opencv_calib3d.findHomography(
                                first,
                                second,
                                opencv_calib3d.RANSAC,
                                SUPPORT,
                                inliers,
                                ROUNDS,
                                CONFIDENCE)) {
            return found.empty() ? 0 : (double) opencv_core.countNonZero(inliers) / matches.size();
        }
    }

    /**
     * By how much the second picture is turned against the first, radians: the angle of the
     * similarity with the least median of distances, 0 if there is none.
     */
    static double turned(PointMatches matches) {
        try (var first = points(matches, 0);
                var second = points(matches, 2);
                var inliers = new Mat();
                var found =
                        opencv_calib3d.estimateAffinePartial2D(
                                first,
                                second,
                                inliers,
                                opencv_calib3d.LMEDS,
                                SUPPORT,
                                ROUNDS,
                                CONFIDENCE,
                                REFINED)) {
            if (found.empty()) {
                return 0;
            }
            double[] values = new double[6];
            try (var data = new DoublePointer(found.data())) {
                data.get(values);
            }
            double angle = Math.atan2(values[3], values[0]);
            return Double.isFinite(angle) ? angle : 0;
        }
    }

    private static Optional<double[]> nine(Mat found) {
        // With little to go by, several solutions are stacked: nobody knows which is right.
        if (found.empty() || found.rows() != 3) {
            return Optional.empty();
        }
        double[] values = new double[9];
        try (var data = new DoublePointer(found.data())) {
            data.get(values);
        }
        for (double value : values) {
            if (!Double.isFinite(value)) {
                return Optional.empty();
            }
        }
        return Optional.of(values);
    }

    private static Mat points(PointMatches matches, int from) {
        float[] xy = new float[matches.size() * 2];
        for (int i = 0; i < matches.size(); i++) {
            xy[2 * i] = (float) matches.values()[i * PointMatches.PER_MATCH + from];
            xy[2 * i + 1] = (float) matches.values()[i * PointMatches.PER_MATCH + from + 1];
        }
        try (var data = new FloatPointer(xy);
                var view = new Mat(matches.size(), 1, opencv_core.CV_32FC2, data)) {
            return view.clone();
        }
    }
}
