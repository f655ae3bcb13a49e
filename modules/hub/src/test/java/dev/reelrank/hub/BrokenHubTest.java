package dev.reelrank.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.hub.local.ModelsLock;
import dev.reelrank.hub.remote.Patience;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Fetches from a hub that breaks off, lies and limits. */
final class BrokenHubTest extends Fetching {
    private static final String WEIGHTS = "weights-1.safetensors";

    @Test
    void shouldGoOnWhereATransferBrokeOff() throws Exception {
        fixture.hub.fail(
                WEIGHTS, LocalHub.breakOffAfter(1_500_000), LocalHub.breakOffAfter(2_700_000));
        fixture.run();

        assertThat(fixture.file(WEIGHTS)).hasBinaryContent(FetchFixture.WEIGHTS);
        assertThat(fixture.hub.requestsFor(WEIGHTS))
                .filteredOn(r -> r.server().equals("storage"))
                .extracting(LocalHub.Request::range)
                .hasSize(3)
                .first()
                .isEqualTo("null");
        assertThat(fixture.hub.requestsFor(WEIGHTS).get(5).range()).matches("bytes=[1-9]\\d+-");
        assertThat(fixture.hub.requestsFor(WEIGHTS).get(5).ifRange()).startsWith("\"");
    }

    @Test
    void shouldGoOnWithWhatAnEarlierProcessLeft() throws Exception {
        leaveAPart();
        var arrived = Files.size(fixture.file(WEIGHTS + ".part"));
        assertThat(arrived).isPositive();
        assertThat(fixture.file(WEIGHTS)).doesNotExist();
        int before = fixture.hub.requests().size();

        assertThat(fixture.run().get(0).missingBytes())
                .isLessThanOrEqualTo(
                        FetchFixture.WEIGHTS.length
                                - arrived
                                + FetchFixture.SECOND.length
                                + FetchFixture.CONFIG.length
                                + FetchFixture.CARD.length);
        assertThat(fixture.file(WEIGHTS)).hasBinaryContent(FetchFixture.WEIGHTS);
        assertThat(fixture.hub.requests().stream().skip(before))
                .anyMatch(r -> r.range().equals("bytes=" + arrived + "-"));
        assertThat(fixture.tree()).noneMatch(path -> path.contains(".part"));
    }

    /** All attempts break off at the same place, so the fetch gives up. */
    private void leaveAPart() {
        var fault = LocalHub.breakOffAfter(1_200_000);
        fixture.hub.fail(WEIGHTS, fault, fault, fault, fault, fault);
        assertThatThrownBy(fixture::run)
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.ENDPOINT_UNAVAILABLE))
                .hasMessageContaining("org/toy " + WEIGHTS)
                .hasMessageContaining("is kept");
    }

    @Test
    void shouldBeginAgainWhenAPartIsDamaged() throws Exception {
        leaveAPart();
        Path part = fixture.file(WEIGHTS + ".part");
        byte[] bytes = Files.readAllBytes(part);
        bytes[77]++;
        Files.write(part, bytes);

        fixture.run();
        assertThat(fixture.file(WEIGHTS)).hasBinaryContent(FetchFixture.WEIGHTS);
    }

    @Test
    void shouldTakeAWholeFileInPlaceOfARange() throws Exception {
        leaveAPart();
        fixture.hub.fail(WEIGHTS, LocalHub.content(FetchFixture.WEIGHTS));

        fixture.run();
        assertThat(fixture.file(WEIGHTS)).hasBinaryContent(FetchFixture.WEIGHTS);
    }

    @Test
    void shouldBeginAgainWhenAnotherRangeComes() throws Exception {
        leaveAPart();
        fixture.hub.fail(
                WEIGHTS,
                (exchange, content) -> {
                    exchange.getResponseHeaders().add("Content-Range", "bytes 5-9/10");
                    exchange.sendResponseHeaders(206, 5);
                    exchange.getResponseBody().write(content, 0, 5);
                    return true;
                },
                LocalHub.status(416));

        fixture.run();
        assertThat(fixture.file(WEIGHTS)).hasBinaryContent(FetchFixture.WEIGHTS);
    }

    @Test
    void shouldRefuseOtherBytesOfTheRightLength() throws Exception {
        byte[] other = FetchFixture.WEIGHTS.clone();
        other[1_000_000]++;
        fixture.hub.fail(WEIGHTS, LocalHub.content(other), LocalHub.content(other));

        assertThatThrownBy(fixture::run)
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.MODEL_MISMATCH))
                .hasMessageContaining(WEIGHTS)
                .hasMessageContaining("hash");
        assertThat(fixture.file(WEIGHTS)).doesNotExist();
    }

    @Test
    void shouldAskAgainOnceForOtherBytes() throws Exception {
        byte[] other = FetchFixture.CONFIG.clone();
        other[4]++;
        fixture.hub.fail("config.json", LocalHub.content(other));

        fixture.run();
        assertThat(fixture.file("config.json")).hasBinaryContent(FetchFixture.CONFIG);
    }

    @Test
    void shouldRefuseAnotherLengthThanTheListingSays() {
        fixture.hub.fail("config.json", LocalHub.content("{}".getBytes(StandardCharsets.UTF_8)));

        assertThatThrownBy(fixture::run)
                .hasMessageContaining("config.json")
                .hasMessageContaining("announces 2 bytes where the listing has");
        assertThat(fixture.file("config.json")).doesNotExist();
    }

    @Test
    void shouldRefuseMoreBytesThanTheListingSays() {
        fixture.hub.fail(
                WEIGHTS,
                (exchange, content) -> {
                    // Without a length nothing says beforehand how much will come.
                    exchange.sendResponseHeaders(200, 0);
                    exchange.getResponseBody().write(content);
                    exchange.getResponseBody().write(new byte[] {1, 2, 3});
                    exchange.getResponseBody().close();
                    return true;
                });

        assertThatThrownBy(fixture::run).hasMessageContaining("sends more than the");
        assertThat(fixture.file(WEIGHTS)).doesNotExist();
    }

    @Test
    void shouldRefuseAnHtmlPage() {
        byte[] page =
                Arrays.copyOf(
                        "<html>sign in</html>".getBytes(StandardCharsets.UTF_8),
                        FetchFixture.CONFIG.length);
        fixture.hub.fail(
                "config.json",
                (exchange, content) -> {
                    exchange.getResponseHeaders().add("Content-Type", "text/html; charset=utf-8");
                    exchange.sendResponseHeaders(200, page.length);
                    exchange.getResponseBody().write(page);
                    return true;
                });

        assertThatThrownBy(fixture::run)
                .hasMessageContaining("config.json of org/toy")
                .hasMessageContaining("HTML page");
        assertThat(fixture.hub.requestsFor("config.json")).hasSize(1);
        assertThat(fixture.file("config.json")).doesNotExist();
    }

    @Test
    void shouldRefuseAListingThatIsAnHtmlPage() {
        fixture.hub.fail(
                "/api/models/org/toy/revision/main",
                (exchange, content) -> {
                    exchange.getResponseHeaders().add("Content-Type", "text/html");
                    exchange.sendResponseHeaders(200, 2);
                    exchange.getResponseBody().write("hi".getBytes(StandardCharsets.UTF_8));
                    return true;
                });
        assertThatThrownBy(fixture::run).hasMessageContaining("does not answer as a hub");
    }

    @Test
    void shouldWaitAsLongAsAHubThatLimitsAsks() throws Exception {
        fixture.hub.fail("config.json", LocalHub.status(429, "Retry-After", "1"));
        fixture.hub.fail("README.md", LocalHub.status(429, "ratelimit", "\"api\";r=0;t=1"));
        long begin = System.nanoTime();

        fixture.run();
        assertThat(Duration.ofNanos(System.nanoTime() - begin))
                .isGreaterThan(Duration.ofSeconds(1));
        assertThat(fixture.file("config.json")).hasBinaryContent(FetchFixture.CONFIG);
    }

    @Test
    void shouldEndWhenAHubAsksForALongPause() {
        fixture.hub.fail("config.json", LocalHub.status(429, "Retry-After", "3600"));

        assertThatThrownBy(fixture::run)
                .hasMessageContaining("too many requests")
                .hasMessageContaining("3600 s");
    }

    @Test
    void shouldTryAgainAfterFailuresThatPass() throws Exception {
        fixture.hub.fail("config.json", LocalHub.status(503), LocalHub.status(500));
        fixture.hub.fail("/api/models/org/toy/revision/main", LocalHub.status(502));
        // A signed address that has run out.
        fixture.hub.fail(WEIGHTS, LocalHub.status(403));

        fixture.run();
        assertThat(fixture.hub.requestsFor("config.json")).hasSize(3);
        assertThat(fixture.file(WEIGHTS)).hasBinaryContent(FetchFixture.WEIGHTS);
    }

    @Test
    void shouldNotAskAgainForWhatIsNotThere() {
        fixture.hub.fail("config.json", LocalHub.status(404, "X-Error-Code", "EntryNotFound"));

        assertThatThrownBy(fixture::run)
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.MODEL_MISSING))
                .hasMessageContaining("org/toy has no config.json");
        assertThat(fixture.hub.requestsFor("config.json")).hasSize(1);
    }

    @Test
    void shouldEndATransferInWhichNothingArrives() throws Exception {
        fixture.patience =
                new Patience(
                        Duration.ofSeconds(5),
                        Duration.ofMillis(300),
                        Duration.ofMillis(2),
                        Duration.ofSeconds(5),
                        4);
        fixture.hub.fail(
                WEIGHTS,
                (exchange, content) -> {
                    exchange.sendResponseHeaders(200, content.length);
                    exchange.getResponseBody().write(content, 0, 300_000);
                    exchange.getResponseBody().flush();
                    sleep();
                    return true;
                });

        fixture.run();
        assertThat(fixture.file(WEIGHTS)).hasBinaryContent(FetchFixture.WEIGHTS);
    }

    private static void sleep() {
        try {
            Thread.sleep(3000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void shouldRememberWhatWasRightBeforeTheFetchEnded() {
        fixture.options = new FetchOptions(false, false, 1);
        var fault = LocalHub.status(404, "X-Error-Code", "EntryNotFound");
        fixture.hub.fail("config.json", fault);
        assertThatThrownBy(fixture::run).isInstanceOf(StageException.class);

        assertThat(new ModelsLock(fixture.models).read().get("toy").files())
                .filteredOn(file -> file.checked() != 0)
                .extracting(file -> file.file().path())
                .containsExactly(WEIGHTS);
    }

    @Test
    void shouldSayThatNobodyAnswers() {
        fixture.environment.put("HF_ENDPOINT", "http://127.0.0.1:1");

        assertThatThrownBy(fixture::run)
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.ENDPOINT_UNAVAILABLE))
                .hasMessageContaining("no connection")
                .hasMessageContaining("127.0.0.1");
    }
}
