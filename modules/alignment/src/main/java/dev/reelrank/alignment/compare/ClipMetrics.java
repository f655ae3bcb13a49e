package dev.reelrank.alignment.compare;

import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.video.FlowField;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What frames alone say about a clip: how steady it is, and how much moves. Each figure is the mean
 * over the pairs of neighbouring frames.
 */
public final class ClipMetrics {
    /** Warping error as in Video-DPO's notebook: Farnebäck's flow, brightness 0..255. */
    public static final String WARPING_ERROR = "warping_error";

    /** Warping error as in Video-DPO's {@code src/}: gradient flow, brightness 0..1. */
    public static final String WARPING_ERROR_GRADIENT = "warping_error_gradient";

    /**
     * Warping error along Farnebäck's flow, brightness 0..255, with the motion taken out, which
     * Video-DPO's definitions do not do: what flickers, and nothing else, counts.
     */
    public static final String WARPING_ERROR_COMPENSATED = "warping_error_compensated";

    /** Mean absolute change of a value 0..255, as in the notebook. */
    public static final String FRAME_DIFFERENCE = "frame_difference";

    /** The same of a value 0..1, as in {@code src/}. */
    public static final String FRAME_DIFFERENCE_UNIT = "frame_difference_unit";

    /**
     * Mean length of Farnebäck's flow in pixels. Before it is measured each frame gets the mean and
     * spread of brightness of the one before, so that flicker does not count as motion.
     */
    public static final String MOTION = "motion";

    private ClipMetrics() {}

    /**
     * Measures a clip.
     *
     * @param frames at least two, of one size
     * @return values by the names above
     */
    public static Map<String, Double> of(List<RgbImage> frames) {
        if (frames.size() < 2) {
            throw new IllegalArgumentException(
                    "a clip to measure needs at least 2 frames, got " + frames.size());
        }
        double warping = 0;
        double gradient = 0;
        double compensated = 0;
        double difference = 0;
        double motion = 0;
        GreyFrame before = GreyFrame.of(frames.get(0));
        for (int i = 1; i < frames.size(); i++) {
            GreyFrame now = GreyFrame.of(frames.get(i));
            FlowField flow = WarpingError.flow(before, now);
            warping += WarpingError.farneback(before, now, flow);
            compensated += WarpingError.compensated(before, now, flow);
            gradient += WarpingError.gradient(before, now);
            difference += difference(frames.get(i - 1), frames.get(i));
            motion += length(WarpingError.flow(before, now.asBrightAs(before)));
            before = now;
        }
        int pairs = frames.size() - 1;
        var figures = new LinkedHashMap<String, Double>();
        figures.put(WARPING_ERROR, warping / pairs);
        figures.put(WARPING_ERROR_GRADIENT, gradient / pairs);
        figures.put(WARPING_ERROR_COMPENSATED, compensated / pairs);
        figures.put(FRAME_DIFFERENCE, difference / pairs);
        figures.put(FRAME_DIFFERENCE_UNIT, difference / pairs / 255);
        figures.put(MOTION, motion / pairs);
        return figures;
    }

    private static double difference(RgbImage a, RgbImage b) {
        if (a.width() != b.width() || a.height() != b.height()) {
            throw new IllegalArgumentException(
                    "the frames of a clip have one size, got %dx%d and %dx%d"
                            .formatted(a.width(), a.height(), b.width(), b.height()));
        }
        byte[] first = a.rgb();
        byte[] second = b.rgb();
        long sum = 0;
        for (int i = 0; i < first.length; i++) {
            sum += Math.abs((first[i] & 0xff) - (second[i] & 0xff));
        }
        return (double) sum / first.length;
    }

    private static double length(FlowField flow) {
        double sum = 0;
        for (int y = 0; y < flow.height(); y++) {
            for (int x = 0; x < flow.width(); x++) {
                sum += Math.hypot(flow.u(x, y), flow.v(x, y));
            }
        }
        return sum / (flow.width() * flow.height());
    }
}
