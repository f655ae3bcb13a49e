package dev.reelrank.console.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import dev.reelrank.testsupport.Chromium;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** One person's browser; closing it fails if a page wrote an error to its console. */
final class Pages implements AutoCloseable {
    private final BrowserContext context;
    private final Page page;
    private final List<String> errors = new CopyOnWriteArrayList<>();

    private Pages(BrowserContext context) {
        this.context = context;
        this.page = context.newPage();
        page.onConsoleMessage(
                message -> {
                    if (message.type().equals("error") || message.type().equals("warning")) {
                        errors.add(page.url() + ": " + message.text());
                    }
                });
        page.onPageError(error -> errors.add(page.url() + ": " + error));
    }

    static Pages open(Chromium chromium, String address, int width, int height) {
        return new Pages(
                chromium.context(
                        new Browser.NewContextOptions()
                                .setBaseURL(address)
                                .setViewportSize(width, height)
                                .setColorScheme(ColorScheme.LIGHT)
                                .setReducedMotion(ReducedMotion.REDUCE)));
    }

    Page page() {
        return page;
    }

    /** A test that causes errors on purpose says which; they are then expected. */
    void expectErrors(String part) {
        assertThat(errors).as("errors with '%s'", part).anyMatch(e -> e.contains(part));
        errors.removeIf(e -> e.contains(part));
    }

    @Override
    public void close() {
        context.close();
        assertThat(errors).as("errors in the console").isEmpty();
    }
}
