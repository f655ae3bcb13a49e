package dev.reelrank.geometry.epipolar;

import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.video.Images;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.image.BufferedImage;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Two frames side by side: the matches that fit worst and as many that fit best, with their
 * epipolar lines in the second frame. Green lies on its line, red is {@link
 * EpipolarSampson.Settings#cap()} or more away.
 */
final class EpipolarPicture {
    private static final int EACH = 12;
    private static final double DOT = 4;

    private EpipolarPicture() {}

    /**
     * @param scale pixels of the matches per pixel of the frames
     * @param f of the matches; null to show the matches alone
     */
    static BufferedImage of(
            RgbImage first,
            RgbImage second,
            PointMatches matches,
            double[] f,
            double scale,
            double cap) {
        int width = first.width();
        var picture = new BufferedImage(2 * width, first.height(), BufferedImage.TYPE_INT_RGB);
        Graphics2D pen = picture.createGraphics();
        pen.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        pen.drawImage(Images.toBuffered(first), 0, 0, null);
        pen.drawImage(Images.toBuffered(second), width, 0, null);
        pen.setStroke(new BasicStroke(Math.max(1, first.height() / 360f)));
        for (int index : shown(matches, f)) {
            double[] at = at(matches, index);
            double share = Math.min(1, distance(f, at) / cap);
            pen.setColor(new Color((float) share, (float) (1 - share), 0.1f));
            dot(pen, at[0] / scale, at[1] / scale);
            dot(pen, width + at[2] / scale, at[3] / scale);
            line(pen, f, at, scale, width, first.height());
        }
        pen.dispose();
        return picture;
    }

    private static List<Integer> shown(PointMatches matches, double[] f) {
        List<Integer> byDistance =
                IntStream.range(0, matches.size())
                        .boxed()
                        .sorted(Comparator.comparingDouble(i -> distance(f, at(matches, i))))
                        .toList();
        int count = byDistance.size();
        return IntStream.range(0, count)
                .filter(i -> i < EACH || i >= count - EACH)
                .mapToObj(byDistance::get)
                .toList();
    }

    private static double[] at(PointMatches matches, int index) {
        double[] at = new double[PointMatches.PER_MATCH];
        System.arraycopy(matches.values(), index * at.length, at, 0, at.length);
        return at;
    }

    private static double distance(double[] f, double[] at) {
        return Sampson.distance(f, at[0], at[1], at[2], at[3]);
    }

    private static void dot(Graphics2D pen, double x, double y) {
        pen.fill(new Ellipse2D.Double(x - DOT / 2, y - DOT / 2, DOT, DOT));
    }

    /** The epipolar line of the first point, within the second frame. */
    private static void line(
            Graphics2D pen, double[] f, double[] at, double scale, int width, int height) {
        double a = f[0] * at[0] + f[1] * at[1] + f[2];
        double b = f[3] * at[0] + f[4] * at[1] + f[5];
        double c = (f[6] * at[0] + f[7] * at[1] + f[8]) / scale;
        var before = pen.getClip();
        pen.clipRect(width, 0, width, height);
        if (Math.abs(b) > Math.abs(a)) {
            pen.draw(new Line2D.Double(width, -c / b, 2.0 * width, -(c + a * width) / b));
        } else if (a != 0) {
            pen.draw(new Line2D.Double(width - c / a, 0, width - (c + b * height) / a, height));
        }
        pen.setClip(before);
    }
}
