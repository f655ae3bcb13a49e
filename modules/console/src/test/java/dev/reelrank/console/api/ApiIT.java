package dev.reelrank.console.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.console.Example;
import dev.reelrank.console.StudioOnABroker;
import dev.reelrank.console.facts.Facts;
import dev.reelrank.console.web.Media;
import dev.reelrank.pipeline.event.CancelRequested;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.event.RunDeleted;
import dev.reelrank.pipeline.event.RunUpdated;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Video jobs over HTTP, against the document that describes them. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class ApiIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Of one run of the build; {@code -Dreelrank.fuzz.requests=10000} sends more. */
    private static final int REQUESTS = Integer.getInteger("reelrank.fuzz.requests", 1_000);

    /** Deletions wait ten seconds for flow, which is not there: so many are left out for one. */
    private static final int EACH_DELETION = 200;

    private static final long SEED = Long.getLong("reelrank.fuzz.seed", 1);

    @TempDir static Path folder;
    private static StudioOnABroker on;
    private static ApiDocument document;

    @BeforeAll
    static void start() throws Exception {
        document = ApiDocument.read();
        on = StudioOnABroker.start(folder);
        on.publish(Example.run("video-done", List.of("video"), on.image(), on::video));
        on.publish(Example.failed("video-failed", "video", on.image()));
        on.publish(
                List.of(
                        Example.submitted("video-open", "video", on.image()),
                        Example.run("video-open", RunUpdated.Status.CLOSED, 1, 0, 0)));
        on.awaitGrades("video-done", 1);
        on.await("/v1/videos/video-done", "completed");
        on.await("/v1/videos/video-failed", "failed");
        on.await("/v1/videos/video-open");
    }

    @AfterAll
    static void stop() {
        on.close();
    }

    private static HttpResponse<String> ask(String method, String path) throws Exception {
        return on.send(
                on.request(path).method(method, HttpRequest.BodyPublishers.noBody()).build(),
                BodyHandlers.ofString());
    }

    private static String body(String prompt) {
        return "{\"prompt\": \"%s\", \"input_reference\": \"data:image/png;base64,%s\"}"
                .formatted(prompt, Base64.getEncoder().encodeToString(on.picture()));
    }

    @Test
    void shouldDocumentExactlyTheAddressesThatThereAre() {
        var jobs =
                new VideoJobs(
                        on.session(),
                        new Facts(),
                        new Media(on.session().store(), folder),
                        Clock.systemUTC());
        assertThat(document.operations().stream().map(o -> o.method() + " " + o.path()))
                .containsExactlyInAnyOrderElementsOf(
                        jobs.endpoints().stream().map(e -> e.method() + " " + e.path()).toList());
    }

    @Test
    @Timeout(value = 1, unit = TimeUnit.HOURS)
    void shouldAnswerEveryRequestAsDocumented() throws Exception {
        var requests =
                new FuzzedRequests(
                        document,
                        SEED,
                        on.picture(),
                        List.of("video-done", "video-failed", "video-open", "video-none"));
        var random = new Random(SEED);
        var operations = document.operations();
        var statuses = new TreeMap<Integer, Integer>();
        var objections = new ArrayList<String>();
        for (int sent = 0; sent < REQUESTS; ) {
            var operation = operations.get(random.nextInt(operations.size()));
            if (operation.method().equals("DELETE") && random.nextInt(EACH_DELETION) > 0) {
                continue;
            }
            sent++;
            HttpRequest request = requests.next(operation, on::request);
            var answer = on.send(request, BodyHandlers.ofByteArray());
            statuses.merge(answer.statusCode(), 1, Integer::sum);
            document.objection(
                            operation,
                            answer.statusCode(),
                            answer.headers().firstValue("Content-Type").orElse(""),
                            answer.body())
                    .ifPresent(
                            wrong ->
                                    objections.add(
                                            "%d %s %s: %s"
                                                    .formatted(
                                                            answer.statusCode(),
                                                            request.method(),
                                                            request.uri(),
                                                            wrong)));
        }
        System.out.printf("%d requests: %s%n", REQUESTS, statuses);
        assertThat(objections.stream().distinct().limit(20)).isEmpty();
        assertThat(statuses.keySet()).contains(200, 400, 404, 409);
    }

    @Test
    void shouldAskFlowToCancelAJobThatIsUnderWay() throws Exception {
        var answer = ask("POST", "/v1/videos/video-open/cancel");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(on.events(on.session().topics().submissions()))
                .filteredOn(CancelRequested.class::isInstance)
                .extracting(e -> ((CancelRequested) e).runId())
                .contains("video-open");
        assertThat(ask("POST", "/v1/videos/video-done/cancel").statusCode()).isEqualTo(409);
        assertThat(ask("DELETE", "/v1/videos/video-open").body()).contains("cancel");
    }

    @Test
    void shouldDeleteAJobAndThenKnowItNoLonger() throws Exception {
        on.publish(Example.run("video-old", List.of("video"), on.image(), on::video));
        on.await("/v1/videos/video-old/content");
        var answer = CompletableFuture.supplyAsync(() -> deletion("video-old"));
        // As flow does it.
        for (int i = 0; i < 100 && deletions("video-old").isEmpty(); i++) {
            Thread.sleep(50);
        }
        assertThat(deletions("video-old")).hasSize(1);
        on.publish(List.of(Example.run("video-old", RunUpdated.Status.DELETED, 1, 1, 0)));
        assertThat(answer.get().statusCode()).isEqualTo(200);
        JsonNode node = JSON.readTree(answer.get().body());
        assertThat(node.get("object").asText()).isEqualTo("video.deleted");
        assertThat(ask("GET", "/v1/videos/video-old").statusCode()).isEqualTo(404);
        assertThat(on.get("/runs/video-old").statusCode()).isEqualTo(404);
        assertThat(on.get("/").body()).doesNotContain("video-old");
    }

    private static HttpResponse<String> deletion(String id) {
        try {
            return ask("DELETE", "/v1/videos/" + id);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static List<Event> deletions(String id) {
        return on.events(on.session().topics().submissions()).stream()
                .filter(e -> e instanceof RunDeleted d && d.runId().equals(id))
                .toList();
    }

    @Test
    void shouldRefuseAnIdempotencyKeyForAnotherRequestAtOnce() throws Exception {
        assertThat(on.post("/v1/videos", body("one"), "Idempotency-Key", "k").statusCode())
                .isEqualTo(200);
        // Flow has not taken the first one in: no fact says what it was.
        var second = on.post("/v1/videos", body("two"), "Idempotency-Key", "k");
        assertThat(second.statusCode()).isEqualTo(409);
        assertThat(JSON.readTree(second.body()).at("/error/code").asText())
                .isEqualTo("idempotency_key_reused");
        assertThat(JSON.readTree(second.body()).at("/error/param").asText())
                .isEqualTo("Idempotency-Key");
        var nothing = on.post("/v1/videos", "{}");
        assertThat(JSON.readTree(nothing.body()).at("/error/param").asText()).isEqualTo("prompt");
        assertThat(on.post("/v1/videos", body("one"), "Idempotency-Key", " ").statusCode())
                .isEqualTo(400);
    }
}
