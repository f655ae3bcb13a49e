package dev.reelrank.geometry.epipolar;

import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.video.HeadlessOpenCv;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.DMatch;
import org.bytedeco.opencv.opencv_core.DMatchVectorVector;
import org.bytedeco.opencv.opencv_core.KeyPointVector;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;
import org.bytedeco.opencv.opencv_features2d.BFMatcher;
import org.bytedeco.opencv.opencv_features2d.SIFT;

/**
 * The SIFT features of a frame (Lowe, "Distinctive Image Features from Scale-Invariant Keypoints",
 * 2004), found by OpenCV in the frame's brightness at a working size.
 */
final class FrameFeatures implements AutoCloseable {
    /** Lowe's: the best match must be this much nearer than the second best. */
    private static final float RATIO = 0.75f;

    static {
        HeadlessOpenCv.prepare();
    }

    private final double scale;
    private final double[] points;
    private final Mat descriptors;

    private FrameFeatures(double scale, double[] points, Mat descriptors) {
        this.scale = scale;
        this.points = points;
        this.descriptors = descriptors;
    }

    /**
     * Finds the features of a frame.
     *
     * @param longerSide of the working size, pixels; a smaller frame keeps its own
     * @param most features to keep, the strongest
     */
    static FrameFeatures of(RgbImage frame, int longerSide, int most) {
        double scale = Math.min(1, (double) longerSide / Math.max(frame.width(), frame.height()));
        try (var bytes = new BytePointer(frame.rgb());
                var rgb = new Mat(frame.height(), frame.width(), opencv_core.CV_8UC3, bytes);
                var grey = new Mat();
                var small = new Mat();
                var sift = SIFT.create(most, 3, 0.04, 10, 1.6, false);
                var found = new KeyPointVector();
                var nothing = new Mat()) {
            opencv_imgproc.cvtColor(rgb, grey, opencv_imgproc.COLOR_RGB2GRAY);
            Mat seen = grey;
            if (scale < 1) {
                try (var size =
                        new Size(
                                (int) Math.round(frame.width() * scale),
                                (int) Math.round(frame.height() * scale))) {
                    opencv_imgproc.resize(grey, small, size, 0, 0, opencv_imgproc.INTER_AREA);
                }
                seen = small;
            }
            var descriptors = new Mat();
            sift.detectAndCompute(seen, nothing, found, descriptors, false);
            double[] points = new double[(int) found.size() * 2];
            for (int i = 0; i < found.size(); i++) {
                try (var key = found.get(i);
                        var at = key.pt()) {
                    points[2 * i] = at.x();
                    points[2 * i + 1] = at.y();
                }
            }
            return new FrameFeatures(scale, points, descriptors);
        }
    }

    /** Pixels of the working size per pixel of the frame, at most 1. */
    double scale() {
        return scale;
    }

    int size() {
        return points.length / 2;
    }

    /**
     * The features that both frames show, each at most once: the nearest of both sides, and clearly
     * nearer than the second nearest.
     *
     * @return in pixels of the working size
     */
    PointMatches match(FrameFeatures other) {
        int[] there = nearest(this, other);
        int[] back = nearest(other, this);
        List<Integer> kept = new ArrayList<>();
        for (int i = 0; i < there.length; i++) {
            if (there[i] >= 0 && back[there[i]] == i) {
                kept.add(i);
            }
        }
        double[] values = new double[kept.size() * PointMatches.PER_MATCH];
        int at = 0;
        for (int i : kept) {
            values[at++] = points[2 * i];
            values[at++] = points[2 * i + 1];
            values[at++] = other.points[2 * there[i]];
            values[at++] = other.points[2 * there[i] + 1];
        }
        return new PointMatches(values);
    }

    /** For each feature the index of its match, -1 for none. */
    private static int[] nearest(FrameFeatures from, FrameFeatures to) {
        int[] nearest = new int[from.size()];
        Arrays.fill(nearest, -1);
        if (from.size() == 0 || to.size() < 2) {
            return nearest;
        }
        try (var matcher = new BFMatcher(opencv_core.NORM_L2, false);
                var found = new DMatchVectorVector()) {
            matcher.knnMatch(from.descriptors, to.descriptors, found, 2);
            for (long i = 0; i < found.size(); i++) {
                try (DMatch best = found.get(i).get(0);
                        DMatch second = found.get(i).get(1)) {
                    if (best.distance() < RATIO * second.distance()) {
                        nearest[best.queryIdx()] = best.trainIdx();
                    }
                }
            }
        }
        return nearest;
    }

    @Override
    public void close() {
        descriptors.close();
    }
}
