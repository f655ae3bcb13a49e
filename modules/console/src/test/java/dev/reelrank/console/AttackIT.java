package dev.reelrank.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.event.RunUpdated;
import dev.reelrank.pipeline.event.VoteCast;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What somebody tries who wants more from a studio than it gives. */
final class AttackIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir static Path folder;
    private static StudioOnABroker on;

    @BeforeAll
    static void start() throws Exception {
        on = StudioOnABroker.withARun(folder);
    }

    @AfterAll
    static void stop() {
        on.close();
    }

    /** The type of a reference image is what its client says, and the studio shares its address. */
    @ParameterizedTest
    @ValueSource(strings = {"text/html", "image/svg+xml", "text/javascript", "x\r\ny: z", ""})
    void shouldNotSendWhatAClientCallsAPageAsAPage(String type) throws Exception {
        BlobRef put =
                on.session()
                        .store()
                        .putBlob(
                                ("<script>alert(1)</script>" + type)
                                        .getBytes(StandardCharsets.UTF_8),
                                type);
        String run = "page-" + Integer.toHexString(type.hashCode());
        on.publish(
                List.of(
                        Example.submitted(run, "ring", put),
                        Example.run(run, RunUpdated.Status.CLOSED, 1, 0, 0)));
        on.await("/runs/" + run + "/ring");
        var answer = on.get("/media/" + put.sha256());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type"))
                .contains("application/octet-stream");
        assertThat(answer.headers().firstValue("Content-Disposition")).contains("attachment");
        assertThat(answer.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
        assertThat(answer.headers().firstValue("y")).isEmpty();
        assertThat(on.get("/posters/" + put.sha256()).statusCode()).isBetween(400, 499);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/..%2f..%2f..%2fetc/passwd",
                "/assets/..%2fopenapi.json",
                "/assets/%2e%2e/openapi.json",
                "/assets/..;/studio.css",
                "/media/..%2F..%2Fstore.properties",
                "/media/%00",
                "/posters/../../etc/passwd",
                "/arena/media/..%2Fx",
                "/runs/%ff",
                "/runs/~%%%",
                "/runs/~AAAA/~AAAA",
                "/runs/run%0d%0aSet-Cookie:%20a=b",
                "//example.org/runs/run",
                "/v1/videos/%00",
                "/v1/videos/..%2F..%2Fetc%2Fpasswd/content"
            })
    void shouldAnswerTricksWithPathsWithoutAFile(String path) throws Exception {
        // As it stands: clients that mean well change such an address.
        String answer = raw("GET " + path + " HTTP/1.1");
        assertThat(answer).startsWith("HTTP/1.1 4").doesNotContain("root:");
        assertThat(answer.split("\r\n\r\n", 2)[0]).doesNotContain("Set-Cookie");
        assertThat(answer).containsAnyOf("there is no", "cannot be read", "no fact names", "pair");
    }

    private static String raw(String request) throws IOException {
        URI address = URI.create(on.studio().address());
        try (var socket = new Socket(address.getHost(), address.getPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write(
                            (request + "\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                                    .getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\\ud800",
                "Ada\\u202e",
                "Ada\\u200b",
                "A\\u2028da",
                "Ada\\u0007",
                "Ada\\ufeffa",
                "\\u0000"
            })
    void shouldRefuseNamesThatOnlyLookLikeOthers(String name) throws Exception {
        var answer =
                on.post("/arena/ballots", "{\"run\": \"run\", \"rater\": \"%s\"}".formatted(name));
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(JSON.readTree(answer.body()).at("/error/param").asText()).isEqualTo("rater");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<script>alert(1)</script>",
                "O'Brien \\\"x\\\"",
                "علی\\u200cرضا",
                "👩\\u200d🔬"
            })
    void shouldShowNamesOfPeopleAsText(String name) throws Exception {
        JsonNode ballot =
                JSON.readTree(
                        on.post(
                                        "/arena/ballots",
                                        "{\"run\": \"run\", \"rater\": \"%s\"}".formatted(name))
                                .body());
        var vote = vote(ballot.path("ballot").asText(), "\"LEFT\"", "900");
        assertThat(vote.statusCode()).as(ballot.toString()).isEqualTo(200);
        assertThat(on.get("/votes?run=run").body()).doesNotContain("<script>alert");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"run\": 1, \"rater\": \"Ada\"} | run",
                "{\"run\": [\"run\"], \"rater\": \"Ada\"} | run",
                "{\"run\": \"run\", \"rater\": {\"a\": 1}} | rater",
                "{\"run\": \"run\", \"other\": true, \"rater\": \"Ada\"} | other",
                "{\"run\": \"run\", \"rater\": \"Ada\", \"watched\": 7} | watched",
                "{\"rater\": \"Ada\"} | run"
            })
    void shouldNameAFieldOfTheWrongType(String body, String field) throws Exception {
        var answer = on.post("/arena/ballots", body);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(JSON.readTree(answer.body()).at("/error/param").asText()).isEqualTo(field);
    }

    @Test
    void shouldRefuseAnswersThatAreNoneAndKeepThePairOpen() throws Exception {
        String ballot = ballot("Mallory");
        for (String answer : List.of("5", "\"left\"", "\"WITHDRAWN\"", "null", "[\"LEFT\"]")) {
            assertThat(vote(ballot, answer, "900").statusCode()).as(answer).isEqualTo(400);
        }
        for (String millis : List.of("-1", "\"x\"", "1.5", "1e300", "99999999999999999999")) {
            assertThat(vote(ballot, "\"LEFT\"", millis).statusCode()).as(millis).isEqualTo(400);
        }
        assertThat(on.post("/arena/votes", "{\"answer\": \"LEFT\"}").statusCode()).isEqualTo(400);
        assertThat(vote("0".repeat(32), "\"LEFT\"", "1").statusCode()).isEqualTo(410);
        assertThat(vote(ballot, "\"LEFT\"", "900").statusCode()).isEqualTo(200);
    }

    private static String ballot(String rater) throws Exception {
        var answer =
                on.post("/arena/ballots", "{\"run\": \"run\", \"rater\": \"%s\"}".formatted(rater));
        return JSON.readTree(answer.body()).path("ballot").asText();
    }

    private static HttpResponse<String> vote(String ballot, String answer, String millis)
            throws IOException, InterruptedException {
        return on.post(
                "/arena/votes",
                "{\"ballot\": \"%s\", \"answer\": %s, \"millis\": %s}"
                        .formatted(ballot, answer, millis));
    }

    @Test
    void shouldTakeEveryVoteOfTwoPeopleAtOnceAndNoneTwice() throws Exception {
        on.publish(Example.run("both", List.of("ring", "cat"), on.image(), on::video));
        on.awaitGrades("both", 2);
        var begin = new CountDownLatch(1);
        var tasks = new ArrayList<Callable<Integer>>();
        for (String rater : List.of("Ada", "Grace")) {
            for (int hand = 0; hand < 2; hand++) {
                tasks.add(() -> votes(rater, begin));
            }
        }
        var pool = Executors.newFixedThreadPool(tasks.size());
        int taken = 0;
        try {
            var votes = tasks.stream().map(pool::submit).toList();
            begin.countDown();
            for (var one : votes) {
                taken += one.get();
            }
        } finally {
            pool.shutdownNow();
        }
        List<VoteCast> written =
                on.events(on.session().topics().votes()).stream()
                        .map(VoteCast.class::cast)
                        .filter(v -> v.left().runId().equals("both"))
                        .toList();
        assertThat(written).hasSize(taken);
        assertThat(written.stream().map(VoteCast::voteId)).doesNotHaveDuplicates();
        for (String rater : List.of("Ada", "Grace")) {
            assertThat(written).anyMatch(v -> v.rater().equals(rater));
        }
    }

    /** Answers five pairs, each of them twice. */
    private static int votes(String rater, CountDownLatch begin) throws Exception {
        begin.await();
        int taken = 0;
        for (int i = 0; i < 5; i++) {
            var next =
                    on.post(
                            "/arena/ballots",
                            "{\"run\": \"both\", \"rater\": \"%s\"}".formatted(rater));
            String ballot = JSON.readTree(next.body()).path("ballot").asText();
            if (ballot.isEmpty()) {
                return taken;
            }
            if (vote(ballot, "\"RIGHT\"", "900").statusCode() == 200) {
                taken++;
            }
            assertThat(vote(ballot, "\"LEFT\"", "900").statusCode()).isEqualTo(409);
        }
        return taken;
    }

    @Test
    void shouldSayWhichMethodAPageDoesNotAnswerTo() throws Exception {
        for (String method : List.of("PUT", "DELETE", "PATCH")) {
            var answer =
                    on.send(
                            on.request("/keys")
                                    .method(method, HttpRequest.BodyPublishers.noBody())
                                    .build(),
                            BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(method).isEqualTo(405);
            assertThat(answer.body()).contains("/keys does not answer to " + method);
        }
    }

    @Test
    void shouldShowTheLastPageToWhoAsksForOneBehindIt() throws Exception {
        String page = on.get("/runs/run?page=999999&sort=%3Cscript%3E&text=").body();
        assertThat(page).contains("1 to 2 of 2").doesNotContain("<script>", "%3Cscript%3E\"");
        assertThat(on.get("/runs/run?page=-1").body()).contains("1 to 2 of 2");
    }

    @Test
    void shouldNotOfferVotesOnARunThatDoesNotExist() throws Exception {
        for (String query : List.of("run=%3Cscript%3E", "run=run&other=none")) {
            var answer = on.get("/arena?" + query);
            assertThat(answer.statusCode()).as(query).isEqualTo(404);
            assertThat(answer.body()).contains("the latest are ").doesNotContain("<script>\"");
        }
    }

    @Test
    void shouldRefuseAFormWithoutEndAtTheDoor() throws Exception {
        var form =
                on.request("/sign-in")
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString("token=" + "a".repeat(3 << 20)))
                        .build();
        var answer = on.send(form, BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(413);
        assertThat(answer.body()).contains("the form is larger");
    }
}
