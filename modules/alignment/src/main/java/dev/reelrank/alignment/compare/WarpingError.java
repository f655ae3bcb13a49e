package dev.reelrank.alignment.compare;

import dev.reelrank.video.FarnebackFlow;
import dev.reelrank.video.FlowField;

/**
 * How badly neighbouring frames predict each other along the optical flow from the first to the
 * second, as mean squared error of the brightness; sampled bilinearly, edges repeated.
 *
 * <p>Video-DPO has two definitions, which differ by a factor of thousands and must not be mixed.
 * The published figures (150.32 before, 111.62 after) are of the first. Both sample the
 * <em>first</em> frame at every pixel plus its flow and compare it with the second. That moves the
 * picture against its motion, so what moves counts twice instead of not at all. {@link
 * #compensated} samples the second frame there and compares it with the first: then only what
 * motion does not explain counts.
 */
final class WarpingError {
    private static final double SMALLEST = 1e-6;
    private static final double LONGEST = 50;
    private static final double SOBEL = 8;

    private WarpingError() {}

    /** Video-DPO's notebook: flow by Farnebäck, brightness 0..255. */
    static double farneback(GreyFrame first, GreyFrame second, FlowField flow) {
        return error(first, second, flow);
    }

    /** The same flow, with the motion taken out. */
    static double compensated(GreyFrame first, GreyFrame second, FlowField flow) {
        return error(second, first, flow);
    }

    static FlowField flow(GreyFrame first, GreyFrame second) {
        return FarnebackFlow.between(first.bytes(), second.bytes(), first.width(), first.height());
    }

    /**
     * Video-DPO's {@code src/}: brightness 0..1, and a flow of one step along the gradient: {@code
     * u = −Ix·It / (Ix² + Iy² + 1e-6)}, v alike; Ix and Iy by Sobel over 8, each at most 50 pixels.
     *
     * @param first brightness 0..255
     * @param second the same
     */
    static double gradient(GreyFrame first, GreyFrame second) {
        GreyFrame a = first.times(1 / 255.0);
        GreyFrame b = second.times(1 / 255.0);
        return error(a, b, gradientFlow(a, b));
    }

    private static FlowField gradientFlow(GreyFrame a, GreyFrame b) {
        var uv = new float[a.values().length * 2];
        for (int y = 0; y < a.height(); y++) {
            for (int x = 0; x < a.width(); x++) {
                double ix =
                        (a.at(x + 1, y - 1)
                                        + 2 * a.at(x + 1, y)
                                        + a.at(x + 1, y + 1)
                                        - a.at(x - 1, y - 1)
                                        - 2 * a.at(x - 1, y)
                                        - a.at(x - 1, y + 1))
                                / SOBEL;
                double iy =
                        (a.at(x - 1, y + 1)
                                        + 2 * a.at(x, y + 1)
                                        + a.at(x + 1, y + 1)
                                        - a.at(x - 1, y - 1)
                                        - 2 * a.at(x, y - 1)
                                        - a.at(x + 1, y - 1))
                                / SOBEL;
                double it = b.at(x, y) - a.at(x, y);
                double along = -it / (ix * ix + iy * iy + SMALLEST);
                int p = 2 * (y * a.width() + x);
                uv[p] = (float) limited(ix * along);
                uv[p + 1] = (float) limited(iy * along);
            }
        }
        return new FlowField(a.width(), a.height(), uv);
    }

    private static double limited(double pixels) {
        return Math.max(-LONGEST, Math.min(LONGEST, pixels));
    }

    private static double error(GreyFrame sampled, GreyFrame wanted, FlowField flow) {
        double sum = 0;
        for (int y = 0; y < wanted.height(); y++) {
            for (int x = 0; x < wanted.width(); x++) {
                double off = sampled.between(x + flow.u(x, y), y + flow.v(x, y)) - wanted.at(x, y);
                sum += off * off;
            }
        }
        return sum / wanted.values().length;
    }
}
