package dev.reelrank.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.console.web.Access;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.event.RetryRequested;
import dev.reelrank.pipeline.event.SampleSubmitted;
import dev.reelrank.pipeline.event.VoteCast;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The studio over a real broker and a real store, spoken to over HTTP. */
final class StudioIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir static Path folder;
    private static StudioOnABroker on;

    @BeforeAll
    static void startStudio() throws Exception {
        on = StudioOnABroker.withARun(folder);
    }

    @AfterAll
    static void stop() {
        on.close();
    }

    private static HttpResponse<String> get(String path) throws Exception {
        return on.get(path);
    }

    private static HttpResponse<String> post(String path, String json, String... headers)
            throws Exception {
        return on.post(path, json, headers);
    }

    @Test
    void shouldShowEveryPageOfARunThatIsThere() throws Exception {
        for (String path :
                List.of(
                        "/",
                        "/runs/run",
                        "/runs/run/ring",
                        "/compare?a=run&b=run",
                        "/compare?a=run&b=run&sample=ring",
                        "/arena?run=run",
                        "/votes?run=run",
                        "/training",
                        "/farm",
                        "/keys",
                        "/assets/studio.js")) {
            var answer = get(path);
            assertThat(answer.statusCode()).as(path).isEqualTo(200);
            assertThat(answer.headers().firstValue("Content-Security-Policy")).isPresent();
        }
        assertThat(get("/runs/run/ring").body())
                .contains("winner")
                .contains("It keeps the ring best");
    }

    @Test
    void shouldSayWhatThereIsInsteadOfWhatWasAskedFor() throws Exception {
        assertThat(get("/runs/other").statusCode()).isEqualTo(404);
        assertThat(get("/runs/other").body()).contains("the latest are run");
        assertThat(get("/runs/run/dog").body()).contains("has no sample");
        assertThat(get("/nowhere").body())
                .contains("There is no page at /nowhere")
                .contains("<nav");
    }

    @Test
    void shouldSendAVideoInRangesAndNothingThatNoFactNames() throws Exception {
        BlobRef video = on.video("ring", Example.SEEDS.get(0));
        var range =
                on.send(
                        on.request("/media/" + video.sha256())
                                .header("Range", "bytes=10-19")
                                .build(),
                        BodyHandlers.ofByteArray());
        assertThat(range.statusCode()).isEqualTo(206);
        assertThat(range.headers().firstValue("Content-Range"))
                .contains("bytes 10-19/" + video.size());
        byte[] file = Files.readAllBytes(on.session().store().fetch(video, folder));
        assertThat(range.body()).isEqualTo(java.util.Arrays.copyOfRange(file, 10, 20));
        var again =
                on.send(
                        on.request("/media/" + video.sha256())
                                .header("If-None-Match", '"' + video.sha256() + '"')
                                .build(),
                        BodyHandlers.ofString());
        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(get("/media/" + "0".repeat(64)).statusCode()).isEqualTo(404);
        assertThat(get("/media/..%2F..%2Fetc%2Fpasswd").statusCode()).isIn(400, 404);
        assertThat(get("/posters/" + video.sha256()).statusCode()).isEqualTo(200);
    }

    @Test
    void shouldPutAVoteOnItsTopicBeforeItIsConfirmed() throws Exception {
        JsonNode ballot =
                JSON.readTree(
                        post("/arena/ballots", "{\"run\": \"run\", \"rater\": \"Ada\"}").body());
        var left =
                on.send(
                        on.request(ballot.get("left").asText()).build(),
                        BodyHandlers.ofByteArray());
        assertThat(left.statusCode()).isEqualTo(200);
        assertThat(left.headers().firstValue("ETag")).isEmpty();
        var vote =
                post(
                        "/arena/votes",
                        "{\"ballot\": \"%s\", \"answer\": \"LEFT\", \"millis\": 1500}"
                                .formatted(ballot.get("ballot").asText()));
        assertThat(vote.statusCode()).isEqualTo(200);
        String id = JSON.readTree(vote.body()).get("vote").asText();
        assertThat(on.events(on.session().topics().votes()))
                .anySatisfy(e -> assertThat(((VoteCast) e).voteId()).isEqualTo(id));
        assertThat(get("/votes?run=run").body()).contains("preliminary");
        assertThat(post("/arena/votes/" + id + "/undo", "{}").statusCode()).isEqualTo(204);
    }

    @Test
    void shouldSubmitAVideoJobOnceForOneIdempotencyKey() throws Exception {
        String body =
                """
                {"prompt": "the ring turns", "input_reference": "data:image/png;base64,%s",
                 "reelrank": {"seeds": [3]}}"""
                        .formatted(Base64.getEncoder().encodeToString(on.picture()));
        JsonNode first = JSON.readTree(post("/v1/videos", body, "Idempotency-Key", "k1").body());
        assertThat(first.get("object").asText()).isEqualTo("video");
        assertThat(first.get("status").asText()).isEqualTo("queued");
        String id = first.get("id").asText();
        JsonNode second = JSON.readTree(post("/v1/videos", body, "Idempotency-Key", "k1").body());
        assertThat(second.get("id").asText()).isEqualTo(id);
        var submitted =
                on.events(on.session().topics().submissions()).stream()
                        .filter(SampleSubmitted.class::isInstance)
                        .map(SampleSubmitted.class::cast)
                        .filter(s -> s.runId().equals(id))
                        .toList();
        assertThat(submitted)
                .isNotEmpty()
                .allSatisfy(
                        s -> {
                            assertThat(s.image()).isEqualTo(on.image());
                            assertThat(s.configuration().candidate().seeds()).containsExactly(3L);
                        });
        assertThat(JSON.readTree(get("/v1/videos/" + id).body()).get("prompt").asText())
                .isEqualTo("the ring turns");
        assertThat(get("/v1/videos/" + id + "/content").statusCode()).isEqualTo(409);
    }

    @Test
    void shouldAnswerWithTheWinnerItsFramesAndAnErrorInOneForm() throws Exception {
        on.publish(Example.run("video-example", List.of("video"), on.image(), on::video));
        on.await("/v1/videos/video-example/content");
        on.awaitGrades("video-example", 1);
        JsonNode job = JSON.readTree(get("/v1/videos/video-example").body());
        assertThat(job.get("status").asText()).isEqualTo("completed");
        assertThat(job.get("progress").asInt()).isEqualTo(100);
        assertThat(job.at("/reelrank/grade").asText()).isEqualTo("B+");
        assertThat(job.at("/reelrank/candidates")).hasSize(Example.SEEDS.size());
        assertThat(get("/v1/videos/video-example/frames/representative").statusCode())
                .isEqualTo(200);
        assertThat(get("/v1/videos/video-example/frames/8").statusCode()).isEqualTo(200);
        var past = get("/v1/videos/video-example/frames/9");
        assertThat(past.statusCode()).isEqualTo(404);
        assertThat(JSON.readTree(past.body()).at("/error/message").asText()).contains("0 to 8");
        assertThat(JSON.readTree(get("/v1/videos?limit=1").body()).get("data")).hasSize(1);
        assertThat(get("/v1/videos?limit=0").statusCode()).isEqualTo(400);
    }

    @Test
    void shouldRefuseWhatAPageOfAnotherAddressSends() throws Exception {
        String body = "{\"run\": \"run\", \"rater\": \"Eve\"}";
        assertThat(post("/arena/ballots", body, "Origin", "https://example.org").statusCode())
                .isEqualTo(403);
        assertThat(post("/arena/ballots", body, "Origin", on.studio().address()).statusCode())
                .isEqualTo(200);
        assertThat(post("/arena/ballots", "[]").statusCode()).isEqualTo(400);
        assertThat(post("/arena/ballots", "{").statusCode()).isEqualTo(400);
        assertThat(post("/v1/videos", "{}").statusCode()).isEqualTo(400);
    }

    @Test
    void shouldAskForATokenWhereThereAreSome() throws Exception {
        Path tokens =
                Files.writeString(
                        folder.resolve("tokens"),
                        "read abcdefghijklmnop\nwrite ABCDEFGHIJKLMNOP\n");
        try (Studio closed = on.another(Access.of(tokens))) {
            URI runs = URI.create(closed.address() + "/runs/run");
            assertThat(status(HttpRequest.newBuilder(runs))).isEqualTo(401);
            assertThat(status(HttpRequest.newBuilder(runs).header("Accept", "text/html")))
                    .as("to the form")
                    .isEqualTo(302);
            String reader = "Bearer abcdefghijklmnop";
            URI retry = URI.create(closed.address() + "/runs/run/ring/retry");
            for (int i = 0;
                    i < 100
                            && status(HttpRequest.newBuilder(runs).header("Authorization", reader))
                                    != 200;
                    i++) {
                Thread.sleep(100);
            }
            assertThat(status(HttpRequest.newBuilder(runs).header("Authorization", reader)))
                    .isEqualTo(200);
            assertThat(status(retry(retry, reader))).isEqualTo(403);
            assertThat(status(retry(retry, "Bearer ABCDEFGHIJKLMNOP"))).isEqualTo(303);
        }
        assertThat(on.events(on.session().topics().submissions()))
                .filteredOn(RetryRequested.class::isInstance)
                .hasSize(1);
    }

    private static HttpRequest.Builder retry(URI address, String token) {
        return HttpRequest.newBuilder(address)
                .header("Authorization", token)
                .POST(HttpRequest.BodyPublishers.noBody());
    }

    private static int status(HttpRequest.Builder request)
            throws IOException, InterruptedException {
        return on.send(request.build(), BodyHandlers.discarding()).statusCode();
    }

    @Test
    void shouldRefuseABodyThatIsTooLarge() throws Exception {
        String large = "{\"prompt\": \"" + "x".repeat(33 << 20) + "\"}";
        assertThat(post("/v1/videos", large).statusCode()).isEqualTo(413);
    }

    @Test
    void shouldTellAnOpenPageThatTheFactsHaveChanged() throws Exception {
        var stream =
                on.send(
                                on.request("/live").header("Accept", "text/event-stream").build(),
                                BodyHandlers.ofInputStream())
                        .body();
        try (stream) {
            var bytes = new byte[64];
            int read = stream.read(bytes);
            assertThat(new String(bytes, 0, read, StandardCharsets.UTF_8)).contains("changed");
        }
    }

    @Test
    void shouldNameAnAddressThatIsTaken() {
        int port = URI.create(on.studio().address()).getPort();
        assertThatThrownBy(
                        () ->
                                Studio.start(
                                        new StudioSettings(
                                                "127.0.0.1",
                                                port,
                                                Access.open(),
                                                folder.resolve("s")),
                                        on.session()))
                .hasMessageContaining("--studio-port");
    }
}
