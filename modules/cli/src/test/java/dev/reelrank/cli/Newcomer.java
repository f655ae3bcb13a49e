package dev.reelrank.cli;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import dev.reelrank.testsupport.Chromium;
import java.util.ArrayList;
import java.util.List;

/** Opens the address that a run printed, watches the first videos arrive, and votes. */
final class Newcomer {
    private static final LocatorAssertions.ContainsTextOptions PATIENT =
            new LocatorAssertions.ContainsTextOptions().setTimeout(300_000);

    private Newcomer() {}

    /**
     * Follows the run "first" of one sample with two candidates to its end.
     *
     * @param address of the studio
     */
    static void visit(String address) {
        List<String> errors = new ArrayList<>();
        try (Chromium chromium = Chromium.start();
                BrowserContext context =
                        chromium.context(new Browser.NewContextOptions().setBaseURL(address))) {
            Page page = context.newPage();
            page.onConsoleMessage(
                    m -> {
                        if (m.type().equals("error")) {
                            errors.add(page.url() + ": " + m.text());
                        }
                    });
            page.onPageError(error -> errors.add(page.url() + ": " + error));
            page.navigate("/");
            page.locator("main a[href='/runs/first']").click();
            assertThat(page.locator(".gallery")).containsText("2 of 2 candidates", PATIENT);
            page.locator(".gallery h2 a").first().click();
            assertThat(page.locator("main")).containsText("Why this video", PATIENT);
            page.waitForFunction(
                    "() => [...document.querySelectorAll('.stage video')].every(v => v.readyState >= 2)");
            page.locator("[data-player]").focus();
            page.keyboard().press(".");
            assertThat(page.locator("[data-show=frame]")).hasText("1 of 16");
            assertThat(page.locator(".identity polyline")).hasCount(2);
            page.keyboard().press("h");
            assertThat(page.locator("canvas.heat:visible")).hasCount(2);
            page.locator("figure.reference input").check();
            assertThat(page.locator("img.mask")).isVisible();
            page.navigate("/arena?run=first");
            page.locator("input[name=rater]").fill("Ada");
            page.locator("#arena-begin button").click();
            assertThat(page.locator("[data-answer=LEFT]"))
                    .isEnabled(new LocatorAssertions.IsEnabledOptions().setTimeout(30_000));
            page.keyboard().press("1");
            assertThat(page.locator("#arena-says")).containsText("compared every pair");
            page.navigate("/votes?run=first");
            assertThat(page.locator("tbody tr")).hasCount(2);
        }
        assertThat(errors).as("errors in the console").isEmpty();
    }
}
