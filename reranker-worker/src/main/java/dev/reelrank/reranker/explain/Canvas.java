package dev.reelrank.reranker.explain;

import dev.reelrank.pipeline.Box;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.video.Images;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import org.jspecify.annotations.Nullable;

/** A drawing with the few strokes that explanations need. */
final class Canvas implements AutoCloseable {
    static final Color INK = new Color(0x20, 0x24, 0x2c);
    static final Color FAINT = new Color(0x70, 0x76, 0x80);
    static final Color WINNER = new Color(0x1b, 0x8a, 0x3c);
    static final Color SUBJECT = new Color(0xff, 0x8c, 0x00);

    private final BufferedImage image;
    private final Graphics2D graphics;

    Canvas(int width, int height) {
        image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        graphics = image.createGraphics();
        graphics.setRenderingHint(
                RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setRenderingHint(
                RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        graphics.setRenderingHint(
                RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, width, height);
    }

    BufferedImage image() {
        return image;
    }

    void picture(RgbImage picture, int x, int y, int width, int height) {
        graphics.drawImage(Images.toBuffered(picture), x, y, width, height, null);
    }

    /** A box given in pixels of a picture that was drawn at (x, y) scaled by {@code scale}. */
    void box(@Nullable Box box, double scale, int x, int y, Color colour) {
        if (box == null) {
            return;
        }
        graphics.setColor(colour);
        graphics.setStroke(new BasicStroke(2));
        graphics.drawRect(
                (int) Math.round(x + box.x0() * scale),
                (int) Math.round(y + box.y0() * scale),
                (int) Math.round(box.width() * scale) - 1,
                (int) Math.round(box.height() * scale) - 1);
    }

    void frame(int x, int y, int width, int height, Color colour, int thickness) {
        graphics.setColor(colour);
        graphics.setStroke(new BasicStroke(thickness));
        graphics.drawRect(x, y, width, height);
    }

    void text(String text, int x, int baseline, int size, boolean bold, Color colour) {
        graphics.setFont(new Font(Font.SANS_SERIF, bold ? Font.BOLD : Font.PLAIN, size));
        graphics.setColor(colour);
        graphics.drawString(text, x, baseline);
    }

    /** Words on as many lines as they need; returns the baseline after the last. */
    int paragraph(String text, int x, int baseline, int width, int size, Color colour) {
        graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, size));
        graphics.setColor(colour);
        var metrics = graphics.getFontMetrics();
        var line = new StringBuilder();
        int at = baseline;
        for (var word : text.split(" ", -1)) {
            if (line.length() > 0 && metrics.stringWidth(line + " " + word) > width) {
                graphics.drawString(line.toString(), x, at);
                at += metrics.getHeight();
                line.setLength(0);
            }
            line.append(line.length() > 0 ? " " : "").append(word);
        }
        graphics.drawString(line.toString(), x, at);
        return at + metrics.getHeight();
    }

    void cell(int x, int y, int width, int height, Color colour) {
        graphics.setColor(colour);
        graphics.fillRect(x, y, width, height);
    }

    @Override
    public void close() {
        graphics.dispose();
    }
}
