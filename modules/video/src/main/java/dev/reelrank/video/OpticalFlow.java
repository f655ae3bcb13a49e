package dev.reelrank.video;

import dev.reelrank.pipeline.RgbImage;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_video.DISOpticalFlow;

/**
 * Dense optical flow by inverse search (Kroeger et al., "Fast Optical Flow using Dense Inverse
 * Search", 2016), as OpenCV computes it on grey frames.
 *
 * <p>Frames of at least {@link #SMALLEST} pixels a side; equal input gives equal output. Not
 * thread-safe.
 */
public final class OpticalFlow implements AutoCloseable {
    /** Pixels a side that a frame needs. */
    public static final int SMALLEST = 16;

    static {
        HeadlessOpenCv.prepare();
    }

    /** How finely the flow is searched. */
    public enum Quality {
        ULTRAFAST(DISOpticalFlow.PRESET_ULTRAFAST),
        FAST(DISOpticalFlow.PRESET_FAST),
        MEDIUM(DISOpticalFlow.PRESET_MEDIUM);

        private final int preset;

        Quality(int preset) {
            this.preset = preset;
        }
    }

    private final DISOpticalFlow search;

    private OpticalFlow(DISOpticalFlow search) {
        this.search = search;
    }

    public static OpticalFlow dis(Quality quality) {
        return new OpticalFlow(DISOpticalFlow.create(quality.preset));
    }

    /** The displacement of every pixel of {@code from} on its way to {@code to}, same size. */
    public FlowField between(RgbImage from, RgbImage to) {
        if (from.width() != to.width() || from.height() != to.height()) {
            throw new IllegalArgumentException(
                    "flow needs frames of one size, got %dx%d and %dx%d"
                            .formatted(from.width(), from.height(), to.width(), to.height()));
        }
        if (Math.min(from.width(), from.height()) < SMALLEST) {
            throw new IllegalArgumentException(
                    "optical flow needs frames of at least %d pixels per side, got %dx%d"
                            .formatted(SMALLEST, from.width(), from.height()));
        }
        try (var before = grey(from);
                var after = grey(to);
                var flow = new Mat()) {
            search.calc(before, after, flow);
            var uv = new float[from.width() * from.height() * 2];
            try (var values = new FloatPointer(flow.data())) {
                values.get(uv);
            }
            return new FlowField(from.width(), from.height(), uv);
        }
    }

    private static Mat grey(RgbImage image) {
        var grey = new Mat();
        try (var bytes = new BytePointer(image.rgb());
                var rgb = new Mat(image.height(), image.width(), opencv_core.CV_8UC3, bytes)) {
            opencv_imgproc.cvtColor(rgb, grey, opencv_imgproc.COLOR_RGB2GRAY);
        }
        return grey;
    }

    @Override
    public void close() {
        search.close();
    }
}
