package dev.reelrank.video;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_video;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * Dense optical flow by polynomial expansion (Farnebäck, "Two-Frame Motion Estimation Based on
 * Polynomial Expansion", 2003), as OpenCV computes it, with the parameters that Video-DPO measures
 * with: pyramid 0.5 of 3 levels, window 15, 3 iterations, neighbourhood 5, sigma 1.2. Equal input
 * gives equal output.
 */
public final class FarnebackFlow {
    private static final double PYRAMID = 0.5;
    private static final int LEVELS = 3;
    private static final int WINDOW = 15;
    private static final int ITERATIONS = 3;
    private static final int NEIGHBOURHOOD = 5;
    private static final double SIGMA = 1.2;

    static {
        HeadlessOpenCv.prepare();
    }

    private FarnebackFlow() {}

    /**
     * The displacement of every pixel of {@code from} on its way to {@code to}.
     *
     * @param from grey values 0..255, row by row, one byte each
     * @param to of the same size
     */
    public static FlowField between(byte[] from, byte[] to, int width, int height) {
        if (from.length != width * height || to.length != width * height) {
            throw new IllegalArgumentException(
                    "grey frames of %dx%d have %d bytes, got %d and %d"
                            .formatted(width, height, width * height, from.length, to.length));
        }
        try (var first = new BytePointer(from);
                var second = new BytePointer(to);
                var before = new Mat(height, width, opencv_core.CV_8UC1, first);
                var after = new Mat(height, width, opencv_core.CV_8UC1, second);
                var flow = new Mat()) {
            opencv_video.calcOpticalFlowFarneback(
                    before,
                    after,
                    flow,
                    PYRAMID,
                    LEVELS,
                    WINDOW,
                    ITERATIONS,
                    NEIGHBOURHOOD,
                    SIGMA,
                    0);
            var uv = new float[width * height * 2];
            try (var values = new FloatPointer(flow.data())) {
                values.get(uv);
            }
            return new FlowField(width, height, uv);
        }
    }
}
