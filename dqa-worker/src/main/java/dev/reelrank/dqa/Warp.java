package dev.reelrank.dqa;

import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.video.FlowField;

/** Pictures moved along a flow. */
final class Warp {
    private Warp() {}

    /**
     * How badly the next frame, pulled back along the flow, matches this one: mean squared
     * difference of values in 0..1, over the pixels whose counterpart lies within the picture.
     */
    static double error(RgbImage frame, RgbImage next, FlowField flow) {
        double sum = 0;
        long count = 0;
        for (int y = 0; y < frame.height(); y++) {
            for (int x = 0; x < frame.width(); x++) {
                float fx = x + flow.u(x, y);
                float fy = y + flow.v(x, y);
                if (fx < 0 || fy < 0 || fx > frame.width() - 1 || fy > frame.height() - 1) {
                    continue;
                }
                for (int c = 0; c < 3; c++) {
                    double d = (frame.at(x, y, c) - sample(next, fx, fy, c)) / 255;
                    sum += d * d;
                }
                count += 3;
            }
        }
        return count == 0 ? 0 : sum / count;
    }

    /**
     * The picture half way between two: the mean of both, each pulled by half the flow between
     * them.
     */
    static RgbImage middle(RgbImage a, RgbImage b, FlowField flow) {
        byte[] rgb = new byte[a.rgb().length];
        int at = 0;
        for (int y = 0; y < a.height(); y++) {
            for (int x = 0; x < a.width(); x++) {
                float u = flow.u(x, y) / 2;
                float v = flow.v(x, y) / 2;
                for (int c = 0; c < 3; c++) {
                    double value = (sample(a, x - u, y - v, c) + sample(b, x + u, y + v, c)) / 2;
                    rgb[at++] = (byte) Math.round(Math.min(255, Math.max(0, value)));
                }
            }
        }
        return new RgbImage(a.width(), a.height(), rgb);
    }

    /** Bilinear; places outside take the nearest pixel. */
    private static double sample(RgbImage image, float x, float y, int c) {
        float cx = Math.min(image.width() - 1, Math.max(0, x));
        float cy = Math.min(image.height() - 1, Math.max(0, y));
        int x0 = (int) cx;
        int y0 = (int) cy;
        int x1 = Math.min(x0 + 1, image.width() - 1);
        int y1 = Math.min(y0 + 1, image.height() - 1);
        float fx = cx - x0;
        float fy = cy - y0;
        double top = image.at(x0, y0, c) * (1 - fx) + image.at(x1, y0, c) * fx;
        double bottom = image.at(x0, y1, c) * (1 - fx) + image.at(x1, y1, c) * fx;
        return top * (1 - fy) + bottom * fy;
    }
}
