package dev.reelrank.testsupport;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The machine's own Chromium under Playwright, which downloads no browser. */
public final class Chromium implements AutoCloseable {
    /** Why a test without it is skipped. */
    public static final String MISSING =
            "there is no Chromium here: install the package 'chromium', or name the program in REELRANK_CHROMIUM";

    private static final List<String> PLACES =
            List.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome");

    private final Playwright playwright;
    private final Browser browser;

    private Chromium(Playwright playwright, Browser browser) {
        this.playwright = playwright;
        this.browser = browser;
    }

    /** The program, empty where there is none. */
    public static Optional<Path> executable() {
        return Stream.concat(
                        Optional.ofNullable(System.getenv("REELRANK_CHROMIUM")).stream(),
                        PLACES.stream())
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * Starts it without a window.
     *
     * @throws IllegalStateException if there is none
     */
    public static Chromium start() {
        Path program = executable().orElseThrow(() -> new IllegalStateException(MISSING));
        Playwright playwright =
                Playwright.create(
                        new Playwright.CreateOptions()
                                .setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        try {
            return new Chromium(
                    playwright,
                    playwright
                            .chromium()
                            .launch(
                                    new BrowserType.LaunchOptions()
                                            .setExecutablePath(program)
                                            .setArgs(
                                                    List.of(
                                                            "--autoplay-policy=no-user-gesture-required",
                                                            "--disable-gpu",
                                                            "--hide-scrollbars"))));
        } catch (RuntimeException e) {
            playwright.close();
            throw e;
        }
    }

    /** A browser that remembers nothing; the caller closes it. */
    public BrowserContext context(Browser.NewContextOptions options) {
        BrowserContext context = browser.newContext(options);
        context.setDefaultTimeout(15_000);
        return context;
    }

    @Override
    public void close() {
        browser.close();
        playwright.close();
    }
}
