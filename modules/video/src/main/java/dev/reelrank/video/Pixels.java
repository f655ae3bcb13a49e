package dev.reelrank.video;

import dev.reelrank.pipeline.RgbImage;
import java.awt.Color;
import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;

/** Between ImageIO's many pixel layouts and ours. */
final class Pixels {
    private Pixels() {}

    static RgbImage toRgb(BufferedImage image) {
        var space = image.getColorModel().getColorSpace();
        boolean indexed = image.getColorModel() instanceof IndexColorModel;
        if (space.getType() == ColorSpace.TYPE_GRAY && !indexed) {
            // Java's grey is linear light; files mean sRGB's curve, so the samples count as they
            // are.
            return fromSamples(image, 1);
        }
        if (space.isCS_sRGB() && !indexed && depth(image) > 8) {
            return fromSamples(image, 3);
        }
        return fromArgb(space.isCS_sRGB() || indexed ? image : converted(image));
    }

    /** Whether anything would be seen through the picture. */
    static boolean isTransparent(BufferedImage image) {
        var alpha = image.getColorModel().hasAlpha() ? image.getAlphaRaster() : null;
        if (alpha == null) {
            return image.getColorModel() instanceof IndexColorModel colours
                    && colours.getTransparency() != Transparency.OPAQUE
                    && usesTransparency(image, colours);
        }
        int full = (1 << alpha.getSampleModel().getSampleSize(0)) - 1;
        var row = new int[alpha.getWidth()];
        for (int y = 0; y < alpha.getHeight(); y++) {
            alpha.getSamples(alpha.getMinX(), alpha.getMinY() + y, row.length, 1, 0, row);
            for (int value : row) {
                if (value != full) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean usesTransparency(BufferedImage image, IndexColorModel colours) {
        var raster = image.getRaster();
        var row = new int[image.getWidth()];
        for (int y = 0; y < image.getHeight(); y++) {
            raster.getSamples(raster.getMinX(), raster.getMinY() + y, row.length, 1, 0, row);
            for (int index : row) {
                if (colours.getAlpha(index) != 255) {
                    return true;
                }
            }
        }
        return false;
    }

    static BufferedImage toBuffered(RgbImage image) {
        var out = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
        var pixels = ((DataBufferInt) out.getRaster().getDataBuffer()).getData();
        var rgb = image.rgb();
        for (int i = 0, j = 0; i < pixels.length; i++, j += 3) {
            pixels[i] = (rgb[j] & 0xff) << 16 | (rgb[j + 1] & 0xff) << 8 | (rgb[j + 2] & 0xff);
        }
        return out;
    }

    private static int depth(BufferedImage image) {
        return image.getSampleModel().getSampleSize(0);
    }

    private static BufferedImage converted(BufferedImage image) {
        var out =
                new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_INT_ARGB);
        var graphics = out.createGraphics();
        try {
            graphics.drawImage(image, 0, 0, null);
        } finally {
            graphics.dispose();
        }
        return out;
    }

    private static RgbImage fromArgb(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        var rgb = new byte[Math.multiplyExact(Math.multiplyExact(width, height), 3)];
        var row = new int[width];
        int to = 0;
        for (int y = 0; y < height; y++) {
            image.getRGB(0, y, width, 1, row, 0, width);
            for (int pixel : row) {
                double alpha = (pixel >>> 24) / 255.0;
                rgb[to++] = overWhite(pixel >> 16 & 0xff, alpha);
                rgb[to++] = overWhite(pixel >> 8 & 0xff, alpha);
                rgb[to++] = overWhite(pixel & 0xff, alpha);
            }
        }
        return new RgbImage(width, height, rgb);
    }

    /** Reads samples of any depth as they are; the band after the colours is alpha. */
    private static RgbImage fromSamples(BufferedImage image, int colours) {
        int width = image.getWidth();
        int height = image.getHeight();
        Raster raster = image.getRaster();
        int bands = raster.getNumBands();
        int depth = depth(image);
        boolean alpha = image.getColorModel().hasAlpha() && bands > colours;
        boolean multiplied = image.isAlphaPremultiplied();
        var rgb = new byte[Math.multiplyExact(Math.multiplyExact(width, height), 3)];
        var row = new int[width * bands];
        int to = 0;
        for (int y = 0; y < height; y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
            for (int x = 0; x < width; x++) {
                int at = x * bands;
                double opacity = alpha ? eight(row[at + colours], depth) / 255.0 : 1;
                for (int c = 0; c < 3; c++) {
                    double sample = eight(row[at + (colours == 1 ? 0 : c)], depth);
                    if (multiplied && opacity > 0) {
                        sample /= opacity;
                    }
                    rgb[to++] = overWhite(sample, opacity);
                }
            }
        }
        return new RgbImage(width, height, rgb);
    }

    /** Of more than eight bits the highest eight; fewer are spread over 0..255. */
    private static int eight(int sample, int depth) {
        return depth > 8
                ? sample >> (depth - 8)
                : (int) Math.round(255.0 * sample / ((1 << depth) - 1));
    }

    private static byte overWhite(double sample, double alpha) {
        double white = Color.WHITE.getRed();
        return (byte) Math.min(255, Math.round(sample * alpha + white * (1 - alpha)));
    }
}
