package dev.reelrank.console.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.args.AxeRunOptions;
import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.LoadState;
import dev.reelrank.console.Example;
import dev.reelrank.console.StudioOnABroker;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.CancelRequested;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.event.ProgressReported;
import dev.reelrank.pipeline.event.RetryRequested;
import dev.reelrank.pipeline.event.RunUpdated;
import dev.reelrank.pipeline.event.SampleUpdated;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.event.VoteCast;
import dev.reelrank.testsupport.Chromium;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What people do in the studio, with one set of facts for all tests. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class BrowserIT {
    private static final int WIDTH = 1280;
    private static final int HEIGHT = 800;

    @TempDir static Path folder;
    private static StudioOnABroker on;
    private static Chromium chromium;

    @BeforeAll
    static void openTheStudio() throws Exception {
        // Machines that build are busy: five seconds, the default, is how long a page may take
        // there.
        PlaywrightAssertions.setDefaultAssertionTimeout(20_000);
        Assumptions.assumeTrue(Chromium.executable().isPresent(), Chromium.MISSING);
        on = StudioOnABroker.start(folder);
        chromium = Chromium.start();
        publishExamples(on);
        on.awaitGrades("first", 3);
        on.await("/runs/first", "4 of 4 samples, 1 failed", "fit into 4 GiB");
        on.awaitGrades("second", 2);
    }

    static void publishExamples(StudioOnABroker on) {
        var events = new ArrayList<Event>();
        events.addAll(Example.run("first", List.of("ring", "cat", "ship"), on.image(), on::video));
        events.addAll(Example.failed("first", "dog", on.image()));
        events.add(Example.run("first", RunUpdated.Status.DONE, 4, 3, 1));
        events.addAll(
                Example.run(
                        "second",
                        List.of("ring", "cat"),
                        on.image(),
                        (sample, seed) -> on.video(sample, seed + 7)));
        events.addAll(Example.training(on.image()));
        on.publish(events);
    }

    @AfterAll
    static void close() {
        if (chromium != null) {
            chromium.close();
        }
        if (on != null) {
            on.close();
        }
    }

    private static Pages open() {
        return Pages.open(chromium, on.studio().address(), WIDTH, HEIGHT);
    }

    @Test
    void shouldFollowARunWithoutBeingReloaded() {
        try (Pages pages = open()) {
            Page page = pages.page();
            page.navigate("/");
            page.evaluate("window.same = true");
            on.publish(
                    List.of(
                            Example.submitted("live", "ring", on.image()),
                            Example.run("live", RunUpdated.Status.CLOSED, 1, 0, 0)));
            page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("live")).click();
            assertThat(page.locator(".gallery")).containsText("0 of 3 candidates");
            page.evaluate("window.same = true");
            List<Event> facts = Example.run("live", List.of("ring"), on.image(), on::video);
            publish(facts, StageName.PROMPT);
            publish(facts, StageName.CANDIDATE);
            assertThat(page.locator(".gallery")).containsText("3 of 3 candidates");
            on.publish(facts);
            assertThat(page.locator(".gallery")).containsText("grade B+");
            assertThat(page.locator(".summary")).containsText("1 of 1 samples");
            assertThat(page.evaluate("window.same")).isEqualTo(true);
        }
    }

    private static void publish(List<Event> facts, StageName stage) {
        on.publish(
                facts.stream()
                        .filter(e -> e instanceof StageFact f && f.work().stage().equals(stage))
                        .toList());
    }

    @Test
    void shouldShowTheStepsOfWorkThatIsUnderWay() {
        on.publish(
                List.of(
                        Example.submitted("steps", "ring", on.image()),
                        new SampleUpdated(
                                "steps",
                                "ring",
                                SampleUpdated.Status.RUNNING,
                                false,
                                0,
                                StageName.CANDIDATE,
                                List.of(),
                                Example.START),
                        Example.run("steps", RunUpdated.Status.CLOSED, 1, 0, 0)));
        var fact =
                Example.run("steps", List.of("ring"), on.image(), on::video).stream()
                        .filter(StageFact.class::isInstance)
                        .map(StageFact.class::cast)
                        .filter(f -> f.work().stage().equals(StageName.CANDIDATE))
                        .findFirst()
                        .orElseThrow();
        try (Pages pages = open()) {
            Page page = pages.page();
            page.navigate("/runs/steps");
            page.locator(".gallery a").first().click();
            for (int step = 1; step <= 2; step++) {
                on.publish(
                        List.of(
                                new ProgressReported(
                                        fact.work(),
                                        fact.producer(),
                                        step,
                                        4,
                                        Map.of(),
                                        Example.START)));
                assertThat(page.locator(".sample-state")).containsText("step " + step + " of 4");
            }
        }
    }

    @Test
    void shouldStepThroughTheFramesOfAllCandidatesTogether() {
        try (Pages pages = open()) {
            Page page = pages.page();
            page.navigate("/runs/first");
            page.locator(".gallery a.frame[href$='/ring']").click();
            Locator player = page.locator("[data-player]");
            awaitVideos(page);
            player.locator("[data-do=forward]").click();
            player.locator("[data-do=forward]").click();
            assertThat(player.locator("[data-show=frame]")).hasText("2 of 8");
            page.waitForFunction(
                    "() => [...document.querySelectorAll('.stage video')]"
                            + ".every(v => Math.floor(v.currentTime * 8) === 2)");
            player.locator("[data-do=difference]").click();
            assertThat(player.locator("canvas.difference")).isVisible();
            assertThat((int) page.evaluate(LIGHT_PIXELS)).as("pixels that differ").isPositive();
            player.locator("[data-do=wipe]").click();
            assertThat(player.locator("canvas.difference")).isHidden();
            assertThat(player.locator(".stage figure:visible")).hasCount(2);
        }
    }

    private static final String LIGHT_PIXELS =
            "() => { const c = document.querySelector('canvas.difference');"
                    + " return c.getContext('2d').getImageData(0, 0, c.width, c.height).data"
                    + ".filter((v, i) => i % 4 < 3 && v > 40).length; }";

    private static void awaitVideos(Page page) {
        page.waitForFunction(
                "() => [...document.querySelectorAll('.stage video')].length > 1 &&"
                        + " [...document.querySelectorAll('.stage video')].every(v => v.readyState >="
                        + " 2)");
    }

    @Test
    void shouldPlayBothVideosOfTwoRunsTogether() {
        try (Pages pages = open()) {
            Page page = pages.page();
            page.navigate("/compare?a=first&b=second");
            page.locator("table a", new Page.LocatorOptions().setHasText("cat")).click();
            awaitVideos(page);
            page.locator("[data-player]").focus();
            page.keyboard().press("Space");
            page.waitForFunction(
                    "() => [...document.querySelectorAll('.stage video')].every(v => v.currentTime"
                            + " > 0.1)");
            page.keyboard().press("Space");
            page.waitForFunction(
                    "() => new Set([...document.querySelectorAll('.stage video')]"
                            + ".map(v => Math.floor(v.currentTime * 8))).size === 1");
        }
    }

    @Test
    void shouldChangeTheRankingByTenVotes() {
        String run = "voted";
        on.publish(
                Example.run(
                        run,
                        List.of("ring", "cat", "ship", "leaf"),
                        on.image(),
                        (sample, seed) -> on.shortVideo(sample + "!", seed)));
        try (Pages pages = open()) {
            Page page = pages.page();
            page.navigate("/votes?run=" + run);
            assertThat(page.locator("main")).containsText("Nobody has voted here yet");
            page.locator("main a", new Page.LocatorOptions().setHasText("Vote")).click();
            page.locator("input[name=rater]").fill("Ada");
            page.locator("#arena-begin button").click();
            for (int i = 0; i < 10; i++) {
                // The keys act where the ballot is.
                vote(page, i % 4 == 3 ? "2" : "1", i + 1);
            }
            page.navigate("/votes?run=" + run);
            assertThat(page.locator("main")).containsText("10 votes (preliminary");
            assertThat(page.locator("tbody tr")).hasCount(3);
            List<VoteCast> votes = votes(run);
            assertThat(votes)
                    .hasSize(10)
                    .allSatisfy(vote -> assertThat(vote.rater()).isEqualTo("Ada"));
            // Which side a video stood on was drawn: the topic alone says who won.
            for (Locator row : page.locator("tbody tr").all()) {
                List<String> cells = row.locator("td").allTextContents();
                assertThat(cells.subList(1, 3))
                        .as(cells.get(0))
                        .containsExactly(
                                won(votes, cells.get(0), true), won(votes, cells.get(0), false));
            }
        }
    }

    private static List<VoteCast> votes(String run) {
        return on.events(on.session().topics().votes()).stream()
                .map(VoteCast.class::cast)
                .filter(v -> v.left().runId().equals(run))
                .toList();
    }

    /** How often a contender won, or lost. */
    private static String won(List<VoteCast> votes, String contender, boolean won) {
        long count =
                votes.stream()
                        .map(
                                v ->
                                        (v.answer() == VoteCast.Answer.LEFT) == won
                                                ? v.left()
                                                : v.right())
                        .filter(shown -> contender.equals("seed " + shown.seed()))
                        .count();
        return Long.toString(count);
    }

    private static final String VIDEOS_SAY = "; the videos: %s";
    private static final String VIDEO_STATES =
            "() => [...document.querySelectorAll('video')].map(v => [v.readyState, v.currentTime,"
                    + " v.duration, v.paused, v.error && v.error.message].join(' ')).join(', ')";

    /** Answers, and waits until the page counts the answer: the next pair may come at once. */
    private static void vote(Page page, String key, int number) {
        try {
            assertThat(page.locator("[data-answer=LEFT]")).isEnabled();
        } catch (AssertionError e) {
            throw new AssertionError(
                    page.locator("#arena-says").textContent()
                            + VIDEOS_SAY.formatted(page.evaluate(VIDEO_STATES)),
                    e);
        }
        page.keyboard().press(key);
        assertThat(page.locator("#arena-count"))
                .hasText(number == 1 ? "1 answer" : number + " answers");
    }

    @Test
    void shouldTakeTheLastVoteBack() {
        on.publish(Example.run("undone", List.of("ring"), on.image(), on::shortVideo));
        try (Pages pages = open()) {
            Page page = pages.page();
            page.navigate("/arena?run=undone");
            page.locator("input[name=rater]").fill("Grace");
            page.locator("#arena-begin button").click();
            vote(page, "1", 1);
            page.keyboard().press("Backspace");
            assertThat(page.locator("#arena-count")).hasText("0 answers");
        }
        assertThat(on.events(on.session().topics().votes()))
                .filteredOn(e -> e instanceof VoteCast v && v.rater().equals("Grace"))
                .hasSize(2);
    }

    @Test
    void shouldShowIdentityByFrameHeatMapsAndTheMask() {
        var candidates = new StringJoiner(",");
        for (long seed : Example.SEEDS) {
            candidates.add(
                    """
                    {"seed": %d, "frames": [{"frame": 0, "identity": 0.9, "previous": null},
                     {"frame": 8, "identity": 0.8, "previous": 0.99}],
                     "views": [{"frame": 0, "rows": 2, "columns": 2, "heat": [0.1, 0.2, 0.3, 0.4]},
                     {"frame": 8, "rows": 2, "columns": 2, "heat": [0.4, 0.3, 0.2, 0.1]}]}\
                    """
                            .formatted(seed));
        }
        String json =
                "{\"mask\": \"%s\", \"candidates\": [%s]}"
                        .formatted(Base64.getEncoder().encodeToString(on.picture()), candidates);
        var details =
                on.session()
                        .store()
                        .putBlob(json.getBytes(StandardCharsets.UTF_8), "application/json");
        on.publish(
                Example.withDetails(
                        Example.run("detailed", List.of("ring"), on.image(), on::video), details));
        try (Pages pages = open()) {
            Page page = pages.page();
            page.navigate("/");
            page.locator("a[href='/runs/detailed']").click();
            page.locator(".gallery h2 a").click();
            awaitVideos(page);
            assertThat(page.locator(".identity polyline")).hasCount(Example.SEEDS.size());
            assertThat(page.locator(".identity figcaption")).containsText(": 0.900");
            page.locator("[data-player]").focus();
            page.keyboard().press("h");
            assertThat(page.locator("canvas.heat:visible")).hasCount(Example.SEEDS.size());
            page.keyboard().press("End");
            assertThat(page.locator("[data-show=heat]")).containsText("Of frame 8");
            assertThat(page.locator(".identity figcaption")).containsText(": 0.800");
            page.locator("figure.reference input").check();
            assertThat(page.locator("img.mask")).isVisible();
        }
    }

    @Test
    void shouldShowWhatWasPruned() {
        on.publish(
                Example.pruned(Example.run("pruned", List.of("ring"), on.image(), on::shortVideo)));
        try (Pages pages = open()) {
            Page page = pages.page();
            page.navigate("/");
            page.locator("a[href='/runs/pruned']").click();
            assertThat(page.locator(".gallery")).containsText("grade B+");
            page.locator(".gallery h2 a").click();
            assertThat(page.locator(".stage figure")).hasCount(1);
            assertThat(page.locator(".pruned figure")).hasCount(Example.SEEDS.size() - 1);
            assertThat(page.locator(".pruned")).containsText("After 2 steps");
            assertThat(serious(axe(page))).isEmpty();
        }
    }

    @Test
    void shouldSayWhichVideoIsGone() throws IOException {
        on.publish(
                Example.run(
                        "lost",
                        List.of("ring"),
                        on.image(),
                        (s, seed) -> on.video("lost" + s, seed)));
        on.video("lostring", Example.SEEDS.get(0));
        Files.delete(on.fileOf(on.video("lostring", Example.SEEDS.get(0))));
        try (Pages pages = open()) {
            Page page = pages.page();
            page.navigate("/runs/lost");
            assertThat(page.locator(".gallery li")).hasCount(1);
            page.locator(".gallery h2 a").click();
            assertThat(page.locator(".screen .bad")).hasCount(1);
            assertThat(page.locator(".screen .bad")).containsText("no longer in the store");
            pages.expectErrors("410");
        }
    }

    @Test
    void shouldCancelASampleThatIsUnderWay() {
        on.publish(
                List.of(
                        Example.submitted("unwanted", "ring", on.image()),
                        Example.run("unwanted", RunUpdated.Status.CLOSED, 1, 0, 0)));
        try (Pages pages = open()) {
            Page page = pages.page();
            page.navigate("/");
            page.locator("a[href='/runs/unwanted']").click();
            page.locator(".gallery h2 a").click();
            page.locator("button", new Page.LocatorOptions().setHasText("Cancel this sample"))
                    .click();
            page.waitForURL("**/runs/unwanted/ring");
        }
        assertThat(on.events(on.session().topics().submissions()))
                .anyMatch(e -> e instanceof CancelRequested c && c.runId().equals("unwanted"));
    }

    @Test
    void shouldRetryAFailedSample() {
        try (Pages pages = open()) {
            Page page = pages.page();
            page.navigate("/runs/first?status=failed");
            assertThat(page.locator(".gallery li")).hasCount(1);
            assertThat(page.locator(".gallery")).containsText("choose a smaller size");
            page.locator(".gallery button").click();
            page.waitForURL(Pattern.compile(".*/runs/first.*"));
        }
        assertThat(on.events(on.session().topics().submissions()))
                .filteredOn(RetryRequested.class::isInstance)
                .singleElement()
                .satisfies(e -> assertThat(((RetryRequested) e).sampleId()).isEqualTo("dog"));
    }

    @Test
    void shouldBeUsableWithTheKeyboardAlone() {
        try (Pages pages = open()) {
            Page page = pages.page();
            page.navigate("/");
            page.keyboard().press("Tab");
            assertThat(page.locator(":focus")).hasText("Skip to the content");
            tabTo(page, "a[href='/runs/first']");
            page.keyboard().press("Enter");
            page.waitForURL("**/runs/first");
            tabTo(page, ".gallery a[href$='/ring']");
            page.keyboard().press("Enter");
            page.waitForURL("**/runs/first/ring");
            awaitVideos(page);
            tabTo(page, "[data-player]");
            page.keyboard().press(".");
            assertThat(page.locator("[data-show=frame]")).hasText("1 of 8");
            page.keyboard().press("End");
            assertThat(page.locator("[data-show=frame]")).hasText("8 of 8");
            page.keyboard().press("d");
            assertThat(page.locator("canvas.difference")).isVisible();
            page.keyboard().press("?");
            page.waitForURL("**/keys");
        }
    }

    private static void tabTo(Page page, String selector) {
        for (int i = 0; i < 80; i++) {
            if (page.locator(selector + ":focus").count() > 0) {
                return;
            }
            page.keyboard().press("Tab");
        }
        throw new AssertionError("Tab never reached " + selector + " on " + page.url());
    }

    private static final String[] PAGES = {
        "/",
        "/runs/first",
        "/runs/first/ring",
        "/runs/first/dog",
        "/compare?a=first&b=second&sample=ring",
        "/arena?run=first",
        "/votes",
        "/training",
        "/farm",
        "/keys",
        "/sign-in"
    };

    /** Comes first: other tests add runs, which these pages would show. */
    @Test
    @Order(1)
    void shouldFitANarrowScreenLeaveNobodyOutAndLookAsBefore() {
        var softly = new SoftAssertions();
        try (Pages pages = open()) {
            for (String path : PAGES) {
                softly.assertThatCode(() -> look(pages.page(), path))
                        .as(path)
                        .doesNotThrowAnyException();
            }
        }
        softly.assertAll();
    }

    private static final String WIDE_TABLES =
            "() => [...document.querySelectorAll('.scroll')].filter(t => t.scrollWidth >"
                    + " t.clientWidth).length";

    private static void look(Page page, String path) throws IOException {
        page.setViewportSize(360, 740);
        page.navigate(path);
        assertThat((int) page.evaluate("document.documentElement.scrollWidth"))
                .as("its width")
                .isLessThanOrEqualTo(360);
        assertThat(page.evaluate(WIDE_TABLES)).as("tables that must be scrolled").isEqualTo(0);
        assertThat(serious(axe(page))).isEmpty();
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
        var contrast = axe(page).withRules(List.of("color-contrast"));
        assertThat(serious(contrast)).as("in the dark").isEmpty();
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.LIGHT));
        page.setViewportSize(WIDTH, HEIGHT);
        page.waitForLoadState(LoadState.LOAD);
        String name = path.split("\\?", 2)[0].replace('/', '-').substring(1);
        Screenshot.compare(page, name.isEmpty() ? "runs" : name);
    }

    /**
     * Our pages have no frames: without the page that axe opens for those, it takes half the time.
     */
    private static AxeBuilder axe(Page page) {
        var options = new AxeRunOptions();
        options.setResultTypes(List.of("violations"));
        return new AxeBuilder(page).options(options).setLegacyMode(true);
    }

    private static List<String> serious(AxeBuilder rules) {
        return rules.analyze().getViolations().stream()
                .filter(v -> Set.of("serious", "critical").contains(v.getImpact()))
                .map(v -> v.getId() + ": " + v.getHelp() + " " + v.getNodes())
                .toList();
    }
}
