package dev.reelrank.client.results;

import dev.reelrank.pipeline.stage.GradeResult;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import javax.imageio.ImageIO;

/**
 * A contact sheet with what was decided about the winner below it. The sheet is drawn by ranking,
 * before there is a grade.
 */
final class DecidedSheet {
    private static final int BAND = 30;
    private static final int MARGIN = 10;
    private static final Map<String, Color> COLOURS =
            Map.of(
                    "keep", new Color(0, 120, 60),
                    "review", new Color(170, 110, 0),
                    "reject", new Color(180, 30, 30));

    private DecidedSheet() {}

    /**
     * Adds a band with grade and decision.
     *
     * @param png the sheet
     * @return a PNG; equal bytes for equal arguments
     */
    static byte[] of(byte[] png, GradeResult grade, GradeResult.Verdict verdict)
            throws IOException {
        BufferedImage sheet = ImageIO.read(new ByteArrayInputStream(png));
        if (sheet == null) {
            return png;
        }
        var both =
                new BufferedImage(
                        sheet.getWidth(), sheet.getHeight() + BAND, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = both.createGraphics();
        try {
            g.setColor(Color.WHITE);
            g.fillRect(0, 0, both.getWidth(), both.getHeight());
            g.drawImage(sheet, 0, 0, null);
            g.setColor(COLOURS.getOrDefault(verdict.decision(), Color.BLACK));
            g.fillRect(0, sheet.getHeight(), both.getWidth(), BAND);
            g.setColor(Color.WHITE);
            g.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 13));
            g.setRenderingHint(
                    RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
            String letter = grade.grade() == null ? "no grade" : "grade " + grade.grade();
            g.drawString(
                    "%s (%s): %s"
                            .formatted(
                                    verdict.decision().toUpperCase(Locale.ROOT),
                                    letter,
                                    verdict.because()),
                    MARGIN,
                    sheet.getHeight() + BAND - MARGIN);
        } finally {
            g.dispose();
        }
        var out = new ByteArrayOutputStream();
        ImageIO.write(both, "png", out);
        return out.toByteArray();
    }
}
