package dev.reelrank.geometry.score;

import dev.reelrank.geometry.scene.Camera;
import dev.reelrank.geometry.scene.Reconstruction;
import dev.reelrank.geometry.scene.Reprojection;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.video.Images;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What people look at: per frame the frame, its reprojection and its depth, one below the other;
 * and the cloud of points from two other places.
 */
final class GeometryPictures {
    /** A frame is shown at least as wide, pixels. */
    private static final int SHOWN = 168;

    /** Beyond these shares of the depths the colours do not change. */
    private static final double NEAR = 0.02;

    private static final double FAR = 0.98;
    private static final double AROUND = 0.6;

    private GeometryPictures() {}

    /** Pictures by the ends of their names; none if the model was not asked. */
    static Map<String, BufferedImage> of(
            List<RgbImage> frames, Reconstruction scene, List<RgbImage> views) {
        Map<String, BufferedImage> pictures = new LinkedHashMap<>();
        int side = Math.max(SHOWN, scene.width());
        int rows = views.isEmpty() ? 2 : 3;
        var sheet =
                new BufferedImage(side * frames.size(), side * rows, BufferedImage.TYPE_INT_RGB);
        Graphics2D pen = pen(sheet);
        for (int i = 0; i < frames.size(); i++) {
            draw(pen, frames.get(i), i, 0, side);
            if (!views.isEmpty()) {
                draw(pen, views.get(i), i, 1, side);
            }
            draw(pen, depth(scene, i), i, rows - 1, side);
        }
        pen.dispose();
        pictures.put("reprojection", sheet);
        pictures.put("cloud", cloud(frames, scene));
        return pictures;
    }

    private static BufferedImage cloud(List<RgbImage> frames, Reconstruction scene) {
        var reprojection = new Reprojection(scene, frames);
        int side = 2 * Math.max(SHOWN, scene.width());
        var both = new BufferedImage(2 * side, side, BufferedImage.TYPE_INT_RGB);
        Graphics2D pen = pen(both);
        double middle = quantile(scene.depth(), 0.5);
        draw(pen, reprojection.view(around(scene, middle, AROUND, true)), 0, 0, side);
        draw(pen, reprojection.view(around(scene, middle, AROUND, false)), 1, 0, side);
        pen.dispose();
        return both;
    }

    /** The first camera, moved on a circle around the middle of what it sees: up, or to a side. */
    private static Camera around(
            Reconstruction scene, double middle, double angle, boolean upwards) {
        Camera first = scene.cameras().get(0);
        double cos = Math.cos(angle);
        double sin = Math.sin(angle);
        double[] r =
                upwards
                        ? new double[] {1, 0, 0, 0, cos, sin, 0, -sin, cos}
                        : new double[] {cos, 0, -sin, 0, 1, 0, sin, 0, cos};
        // A point p of the middle stays in the middle, a third farther away.
        double[] t = new double[3];
        for (int i = 0; i < 3; i++) {
            t[i] = (i == 2 ? middle * 4 / 3 : 0) - r[3 * i + 2] * middle;
        }
        return new Camera(r, t, first.focalX(), first.focalY(), first.centreX(), first.centreY());
    }

    /** Near is red, far is blue. */
    private static RgbImage depth(Reconstruction scene, int frame) {
        double low = quantile(scene.depth(), NEAR);
        double high = Math.max(low + 1e-9, quantile(scene.depth(), FAR));
        int pixels = scene.width() * scene.height();
        byte[] rgb = new byte[3 * pixels];
        for (int i = 0; i < pixels; i++) {
            double share = (scene.depth()[frame * pixels + i] - low) / (high - low);
            double hue = 0.66 * Math.max(0, Math.min(1, share));
            int colour = Color.HSBtoRGB((float) hue, 0.85f, 0.95f);
            rgb[3 * i] = (byte) (colour >> 16);
            rgb[3 * i + 1] = (byte) (colour >> 8);
            rgb[3 * i + 2] = (byte) colour;
        }
        return new RgbImage(scene.width(), scene.height(), rgb);
    }

    private static double quantile(float[] values, double share) {
        float[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[(int) (share * (sorted.length - 1))];
    }

    private static Graphics2D pen(BufferedImage picture) {
        Graphics2D pen = picture.createGraphics();
        pen.setRenderingHint(
                RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        return pen;
    }

    private static void draw(Graphics2D pen, RgbImage image, int column, int row, int side) {
        pen.drawImage(Images.toBuffered(image), column * side, row * side, side, side, null);
    }
}
