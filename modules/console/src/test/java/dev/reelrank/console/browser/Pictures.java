package dev.reelrank.console.browser;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import dev.reelrank.testsupport.Chromium;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;

/**
 * Takes the pictures of docs/studio.md from a studio that runs: arguments are its address, the
 * folder, and {@code name=path} for each page.
 */
public final class Pictures {
    private static final int WIDTH = 1100;
    private static final int HEIGHT = 760;

    /** Width in the documents. */
    private static final int SMALL = 640;

    private Pictures() {}

    public static void main(String[] arguments) throws Exception {
        Path folder = Files.createDirectories(Path.of(arguments[1]));
        try (Chromium chromium = Chromium.start()) {
            for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
                try (BrowserContext context =
                        chromium.context(
                                new Browser.NewContextOptions()
                                        .setBaseURL(arguments[0])
                                        .setViewportSize(WIDTH, HEIGHT)
                                        .setColorScheme(scheme))) {
                    for (int i = 2; i < arguments.length; i++) {
                        String[] pair = arguments[i].split("=", 2);
                        take(
                                context.newPage(),
                                pair[1],
                                folder.resolve(
                                        "studio-%s-%s.png"
                                                .formatted(
                                                        pair[0],
                                                        scheme.name().toLowerCase(Locale.ROOT))));
                    }
                }
            }
        }
    }

    private static void take(Page page, String path, Path file)
            throws IOException, InterruptedException {
        page.navigate(path);
        if (path.startsWith("/arena")) {
            page.locator("input[name=rater]").fill("Ada");
            page.locator("#arena-begin button").click();
            page.locator("[data-answer=LEFT]:enabled").waitFor();
        }
        if (page.locator("[data-player]").count() > 0) {
            page.waitForFunction(
                    "() => [...document.querySelectorAll('.stage video')].every(v => v.readyState"
                            + " >= 2)");
            page.locator("[data-player]").focus();
            page.keyboard().press("ArrowRight");
        }
        if (path.endsWith("#heat")) {
            page.keyboard().press("h");
            page.locator("figure.reference input").check();
        }
        page.evaluate("scrollTo(0, 0)");
        Thread.sleep(700);
        var picture = Screenshot.small(page.screenshot(), SMALL, SMALL * HEIGHT / WIDTH);
        for (int y = 0; y < picture.getHeight(); y++) {
            for (int x = 0; x < picture.getWidth(); x++) {
                // Five bits of each colour: half the bytes, and the same to look at.
                picture.setRGB(x, y, picture.getRGB(x, y) & 0xF8F8F8);
            }
        }
        ImageIO.write(picture, "png", file.toFile());
        page.close();
    }
}
