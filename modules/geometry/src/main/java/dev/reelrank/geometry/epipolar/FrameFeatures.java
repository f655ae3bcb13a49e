package dev.reelrank.geometry.epipolar;

import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.video.HeadlessOpenCv;
import java.util.Arrays;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.KeyPointVector;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;
import org.bytedeco.opencv.opencv_features2d.SIFT;

/**
 * The SIFT features of a frame (Lowe, "Distinctive Image Features from Scale-Invariant Keypoints",
 * 2004), found by OpenCV in the frame's brightness at a working size.
 */
final class FrameFeatures implements AutoCloseable {
    /** Lowe's: the best match must be this much nearer than the second best. */
    private static final float RATIO = 0.75f;

    private static final int NEIGHBOURS = 2;

    /** SIFT finds too little in frames whose longer side is shorter, pixels: they are enlarged. */
    private static final int SMALL = 192;

    private static final double ENLARGED = 2;

    static {
        HeadlessOpenCv.prepare();
    }

    private final double scale;
    private final int width;
    private final int height;
    private final double[] points;
    private final Mat descriptors;

    private FrameFeatures(double scale, int width, int height, double[] points, Mat descriptors) {
        this.scale = scale;
        this.width = width;
        this.height = height;
        this.points = points;
        this.descriptors = descriptors;
    }

    /**
     * Finds the features of a frame.
     *
     * @param longerSide of the working size, pixels; a smaller frame keeps its own, and one below
     *     {@value #SMALL} is enlarged to twice its size
     * @param most features to keep, the strongest
     */
    static FrameFeatures of(RgbImage frame, int longerSide, int most) {
        int side = Math.max(frame.width(), frame.height());
        double scale = side < SMALL ? ENLARGED : Math.min(1, (double) longerSide / side);
        try (var bytes = new BytePointer(frame.rgb());
                var rgb = new Mat(frame.height(), frame.width(), opencv_core.CV_8UC3, bytes);
                var grey = new Mat();
                var small = new Mat();
                var sift = SIFT.create(most, 3, 0.04, 10, 1.6, false);
                var found = new KeyPointVector();
                var nothing = new Mat()) {
            opencv_imgproc.cvtColor(rgb, grey, opencv_imgproc.COLOR_RGB2GRAY);
            Mat seen = grey;
            if (scale != 1) {
                try (var size =
                        new Size(
                                (int) Math.round(frame.width() * scale),
                                (int) Math.round(frame.height() * scale))) {
                    int how = scale < 1 ? opencv_imgproc.INTER_AREA : opencv_imgproc.INTER_CUBIC;
                    opencv_imgproc.resize(grey, small, size, 0, 0, how);
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
            return new FrameFeatures(scale, seen.cols(), seen.rows(), points, descriptors);
        }
    }

    /** Pixels of the working size per pixel of the frame. */
    double scale() {
        return scale;
    }

    /** Of the working size, pixels. */
    int longerSide() {
        return Math.max(width, height);
    }

    /** Of the working size, pixels. */
    int width() {
        return width;
    }

    /** Of the working size, pixels. */
    int height() {
        return height;
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
        int[] there = nearest(descriptors, other.descriptors);
        // Only features that somebody found are asked back: the others cannot be matches.
        int[] found = Arrays.stream(there).filter(i -> i >= 0).distinct().sorted().toArray();
        if (found.length == 0) {
            return new PointMatches(new double[0]);
        }
        int[] back = new int[other.size()];
        try (var asked = rows(other.descriptors, found)) {
            int[] answers = nearest(asked, descriptors);
            for (int i = 0; i < found.length; i++) {
                back[found[i]] = answers[i];
            }
        }
        double[] values = new double[there.length * PointMatches.PER_MATCH];
        int at = 0;
        for (int i = 0; i < there.length; i++) {
            if (there[i] >= 0 && back[there[i]] == i) {
                values[at++] = points[2 * i];
                values[at++] = points[2 * i + 1];
                values[at++] = other.points[2 * there[i]];
                values[at++] = other.points[2 * there[i] + 1];
            }
        }
        return new PointMatches(Arrays.copyOf(values, at));
    }

    private static Mat rows(Mat of, int[] which) {
        var some = new Mat(which.length, of.cols(), of.type());
        for (int i = 0; i < which.length; i++) {
            try (var from = of.row(which[i]);
                    var to = some.row(i)) {
                from.copyTo(to);
            }
        }
        return some;
    }

    /** For each row the index of the row it matches, -1 for none. */
    private static int[] nearest(Mat from, Mat to) {
        int[] nearest = new int[from.rows()];
        Arrays.fill(nearest, -1);
        if (from.rows() == 0 || to.rows() < NEIGHBOURS) {
            return nearest;
        }
        float[] distances = new float[NEIGHBOURS * nearest.length];
        int[] indices = new int[distances.length];
        try (var distance = new Mat();
                var index = new Mat();
                var everything = new Mat()) {
            opencv_core.batchDistance(
                    from,
                    to,
                    distance,
                    opencv_core.CV_32F,
                    index,
                    opencv_core.NORM_L2,
                    NEIGHBOURS,
                    everything,
                    0,
                    false);
            try (var d = new FloatPointer(distance.data());
                    var i = new IntPointer(index.data())) {
                d.get(distances);
                i.get(indices);
            }
        }
        for (int i = 0; i < nearest.length; i++) {
            if (distances[NEIGHBOURS * i] < RATIO * distances[NEIGHBOURS * i + 1]) {
                nearest[i] = indices[NEIGHBOURS * i];
            }
        }
        return nearest;
    }

    @Override
    public void close() {
        descriptors.close();
    }
}
