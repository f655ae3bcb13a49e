package dev.reelrank.reranker.explain;

import dev.reelrank.pipeline.Mask;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.reranker.report.FrameView;
import java.awt.Color;

/** Masks and heat maps laid over pictures. */
final class Overlays {
    private Overlays() {}

    /** The picture with the mask in orange and what is outside it darkened. */
    static RgbImage mask(RgbImage image, Mask mask) {
        var rgb = image.rgb().clone();
        int at = 0;
        for (int y = 0; y < image.height(); y++) {
            for (int x = 0; x < image.width(); x++, at += 3) {
                if (mask.at(x, y)) {
                    rgb[at] = mix(rgb[at], 255, 0.35);
                    rgb[at + 1] = mix(rgb[at + 1], 140, 0.35);
                    rgb[at + 2] = mix(rgb[at + 2], 0, 0.35);
                } else {
                    rgb[at] = mix(rgb[at], 0, 0.45);
                    rgb[at + 1] = mix(rgb[at + 1], 0, 0.45);
                    rgb[at + 2] = mix(rgb[at + 2], 0, 0.45);
                }
            }
        }
        return new RgbImage(image.width(), image.height(), rgb);
    }

    /** The frame under its heat map, blue for cosines of {@code low}, red for {@code high}. */
    static RgbImage heat(FrameView view, double low, double high) {
        var image = view.image();
        var rgb = image.rgb().clone();
        int at = 0;
        for (int y = 0; y < image.height(); y++) {
            int row = y * view.rows() / image.height();
            for (int x = 0; x < image.width(); x++, at += 3) {
                int column = x * view.columns() / image.width();
                double value = view.heat()[row * view.columns() + column];
                var colour = colour((value - low) / Math.max(1e-9, high - low));
                rgb[at] = mix(rgb[at], colour.getRed(), 0.6);
                rgb[at + 1] = mix(rgb[at + 1], colour.getGreen(), 0.6);
                rgb[at + 2] = mix(rgb[at + 2], colour.getBlue(), 0.6);
            }
        }
        return new RgbImage(image.width(), image.height(), rgb);
    }

    /** From blue (0) over green to red (1). */
    static Color colour(double share) {
        double clamped = Math.max(0, Math.min(1, share));
        return Color.getHSBColor((float) (0.66 * (1 - clamped)), 1f, 0.95f);
    }

    private static byte mix(byte from, int to, double share) {
        return (byte) Math.round((from & 0xff) * (1 - share) + to * share);
    }
}
