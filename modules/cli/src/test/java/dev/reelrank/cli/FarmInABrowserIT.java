package dev.reelrank.cli;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.models.videos.Video;
import com.openai.models.videos.VideoCreateParams;
import dev.reelrank.testsupport.Chromium;
import dev.reelrank.testsupport.RenderedClips;
import dev.reelrank.video.Images;
import dev.reelrank.video.VideoReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a newcomer does: {@code run --studio}, then the browser; and what a program does, with the
 * client that OpenAI publishes. One farm with the small real models for both.
 */
final class FarmInABrowserIT {
    private static final Pattern ADDRESS = Pattern.compile("Studio: (http://\\S+)");
    private static final LocatorAssertions.ContainsTextOptions PATIENT =
            new LocatorAssertions.ContainsTextOptions().setTimeout(300_000);

    @TempDir Path folder;

    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void shouldShowARunFromItsFirstStepToItsVotesAndMakeAVideoForAProgram() throws Exception {
        Assumptions.assumeTrue(
                Files.isDirectory(ReelrankProcess.HOME.resolve("models/testbed/wan")),
                "this checkout leaves the weights out");
        Path config = folder.resolve("small.yaml");
        Files.writeString(
                config,
                "candidate: {seeds: [7, 8], steps: 2}\nranking: {frames: 4, maskFrames: 2}\n");
        var reelrank = new ReelrankProcess(folder);
        Process run =
                reelrank.start(
                        "run",
                        "--studio",
                        "--studio-port",
                        "0",
                        "--num-samples",
                        "1",
                        "--config",
                        config.toString(),
                        "--run",
                        "first",
                        "--out",
                        folder.resolve("out").toString());
        try {
            String address = address(reelrank, run);
            String id = submit(client(address));
            if (Chromium.executable().isPresent()) {
                watch(address);
            } else {
                System.err.println("The pages are not looked at: " + Chromium.MISSING);
            }
            awaitVideo(client(address), id);
        } finally {
            run.destroy();
            run.waitFor();
        }
    }

    private static String address(ReelrankProcess reelrank, Process run) throws Exception {
        Instant limit = Instant.now().plusSeconds(120);
        while (Instant.now().isBefore(limit) && run.isAlive()) {
            var match = ADDRESS.matcher(reelrank.said());
            if (match.find()) {
                return match.group(1);
            }
            Thread.sleep(200);
        }
        throw new AssertionError("the studio did not start: " + reelrank.said());
    }

    private static OpenAIClient client(String address) {
        return OpenAIOkHttpClient.builder().baseUrl(address + "/v1").apiKey("none").build();
    }

    private String submit(OpenAIClient client) throws IOException {
        Path picture = Files.write(folder.resolve("ring.png"), Images.png(RenderedClips.still(1)));
        Video video =
                client.videos()
                        .create(
                                VideoCreateParams.builder()
                                        .prompt("A red ring slides to the left.")
                                        .inputReference(picture)
                                        .putAdditionalBodyProperty(
                                                "reelrank",
                                                JsonValue.from(
                                                        "{\"seeds\": [7], \"settings\": {\"candidate.steps\": 2,"
                                                                + " \"ranking.frames\": 4, \"ranking.maskFrames\": 2}}"))
                                        .build());
        assertThat(video.status()).isEqualTo(Video.Status.QUEUED);
        return video.id();
    }

    private void awaitVideo(OpenAIClient client, String id) throws Exception {
        Instant limit = Instant.now().plusSeconds(300);
        Video video = client.videos().retrieve(id);
        while (video.status().equals(Video.Status.QUEUED)
                || video.status().equals(Video.Status.IN_PROGRESS)) {
            assertThat(Instant.now()).as("%s", video).isBefore(limit);
            Thread.sleep(300);
            video = client.videos().retrieve(id);
        }
        assertThat(video.status()).as("%s", video).isEqualTo(Video.Status.COMPLETED);
        assertThat(video.progress()).isEqualTo(100);
        Path file = folder.resolve("made.mp4");
        try (var content = client.videos().downloadContent(id)) {
            Files.copy(content.body(), file);
        }
        assertThat(VideoReader.probe(file).frames()).isGreaterThan(1);
        assertThat(client.videos().list().data()).extracting(Video::id).contains(id);
        assertThat(client.videos().delete(id).deleted()).isTrue();
        assertThat(client.videos().list().data()).isEmpty();
    }

    private static void watch(String address) {
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

    @AfterEach
    void endTheFarm() throws Exception {
        EndOfFarm.await(new ReelrankProcess(folder).data());
    }
}
