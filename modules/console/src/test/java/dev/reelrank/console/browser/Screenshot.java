package dev.reelrank.console.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import java.awt.Image;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/**
 * Compares a page with a small grey picture of how it looked: fonts and versions of the browser may
 * differ, a part that is gone or has moved may not.
 *
 * <p>{@code -Dreelrank.screenshots=write} takes the pictures anew; look at them before they are
 * committed.
 */
final class Screenshot {
    private static final Path FOLDER = Path.of("src/test/resources/screenshots");
    private static final int WIDTH = 96;
    private static final int HEIGHT = 60;

    /** Mean difference of the pixels, of 255, that other fonts may make. */
    private static final double TOLERANCE = 6;

    private Screenshot() {}

    static void compare(Page page, String name) throws IOException {
        BufferedImage now = grey(page.screenshot());
        Path file = FOLDER.resolve(name + ".png");
        if ("write".equals(System.getProperty("reelrank.screenshots"))) {
            Files.createDirectories(FOLDER);
            ImageIO.write(now, "png", file.toFile());
            return;
        }
        BufferedImage before = ImageIO.read(file.toFile());
        double difference = difference(before, now);
        if (difference > TOLERANCE) {
            Path seen = Files.createDirectories(Path.of("target/screenshots"));
            ImageIO.write(now, "png", seen.resolve(name + ".png").toFile());
        }
        assertThat(difference)
                .as(
                        "mean difference of %s from %s; it now looks like target/screenshots",
                        name, file)
                .isLessThanOrEqualTo(TOLERANCE);
    }

    static double difference(BufferedImage a, BufferedImage b) {
        double sum = 0;
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                sum +=
                        Math.abs(
                                a.getRaster().getSample(x, y, 0)
                                        - b.getRaster().getSample(x, y, 0));
            }
        }
        return sum / (WIDTH * HEIGHT);
    }

    private static BufferedImage grey(byte[] png) throws IOException {
        return scaled(png, WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_GRAY);
    }

    /** A picture in other pixels. */
    static BufferedImage small(byte[] png, int width, int height) throws IOException {
        return scaled(png, width, height, BufferedImage.TYPE_INT_RGB);
    }

    private static BufferedImage scaled(byte[] png, int width, int height, int type)
            throws IOException {
        BufferedImage whole = ImageIO.read(new ByteArrayInputStream(png));
        var small = new BufferedImage(width, height, type);
        var graphics = small.createGraphics();
        try {
            graphics.drawImage(
                    whole.getScaledInstance(width, height, Image.SCALE_AREA_AVERAGING), 0, 0, null);
        } finally {
            graphics.dispose();
        }
        return small;
    }
}
