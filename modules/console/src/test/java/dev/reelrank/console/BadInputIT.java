package dev.reelrank.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.event.RunUpdated;
import dev.reelrank.pipeline.event.VoteCast;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes wrong around a studio: it says so clearly, and nothing is lost. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
final class BadInputIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern SAMPLE_LINK = Pattern.compile("<h2><a href=\"([^\"]+)\"");

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

    @Test
    void shouldNotWaitForABodyThatComesByteByByte() throws Exception {
        URI address = URI.create(on.studio().address());
        try (var socket = new Socket(address.getHost(), address.getPort())) {
            socket.setSoTimeout(20_000);
            var out = socket.getOutputStream();
            out.write(
                    ("POST /v1/videos HTTP/1.1\r\nHost: "
                                    + address.getAuthority()
                                    + "\r\nContent-Type: application/json\r\n"
                                    + "Content-Length: 100000\r\n\r\n{")
                            .getBytes(StandardCharsets.US_ASCII));
            out.flush();
            var answer = CompletableFuture.supplyAsync(() -> statusLine(socket));
            for (int i = 0; i < 100 && !answer.isDone(); i++) {
                out.write(' ');
                out.flush();
                Thread.sleep(100);
            }
            assertThat(answer).isCompletedWithValueMatching(line -> line.contains(" 4"));
        }
        assertThat(on.get("/").statusCode()).isEqualTo(200);
    }

    private static String statusLine(Socket socket) {
        try {
            var reader =
                    new BufferedReader(
                            new InputStreamReader(
                                    socket.getInputStream(), StandardCharsets.US_ASCII));
            return String.valueOf(reader.readLine());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void shouldSayThatAVideoIsGoneFromTheStoreAndShowTheRest() throws Exception {
        on.publish(
                Example.run(
                        "gone",
                        List.of("ring"),
                        on.image(),
                        (s, seed) -> on.video("lost" + s, seed)));
        on.awaitGrades("gone", 1);
        BlobRef video = on.video("lostring", Example.SEEDS.get(0));
        // Equal videos are one file: this one must be no other sample's.
        for (long seed : Example.SEEDS) {
            assertThat(on.video("ring", seed)).isNotEqualTo(video);
            assertThat(on.video("cat", seed)).isNotEqualTo(video);
        }
        Files.delete(on.fileOf(video));
        var answer = on.get("/media/" + video.sha256());
        assertThat(answer.statusCode()).isEqualTo(410);
        assertThat(answer.body()).contains("The store no longer has this file");
        assertThat(on.get("/runs/gone/ring").statusCode()).isEqualTo(200);
        BlobRef other = on.video("lostring", Example.SEEDS.get(1));
        assertThat(on.get("/media/" + other.sha256()).statusCode()).isEqualTo(200);
    }

    @Test
    void shouldRefuseABodyOfOneGigabyteWithoutReadingIt() throws Exception {
        for (String type : List.of("application/json", "multipart/form-data; boundary=x")) {
            String answer =
                    sendLarge("Content-Type: " + type + "\r\nContent-Length: 1073741824", "");
            assertThat(answer).as(type).contains(" 413 ").contains("32 MiB");
        }
    }

    @Test
    void shouldRefuseABodyThatDoesNotSayHowLargeItIs() throws Exception {
        for (String type : List.of("application/json", "multipart/form-data; boundary=x")) {
            String start =
                    type.startsWith("multi")
                            ? "--x\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\n"
                            : "{\"prompt\": \"";
            String answer =
                    sendLarge("Content-Type: " + type + "\r\nTransfer-Encoding: chunked", start);
            assertThat(answer).as(type).contains(" 413 ");
        }
        assertThat(on.get("/health").statusCode()).isEqualTo(200);
    }

    /** Sends until the server has enough of it, at most 64 MiB, and reads what it says. */
    private static String sendLarge(String headers, String start) throws IOException {
        URI address = URI.create(on.studio().address());
        try (var socket = new Socket(address.getHost(), address.getPort())) {
            socket.setSoTimeout(20_000);
            var out = socket.getOutputStream();
            out.write(
                    "POST /v1/videos HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s\r\n\r\n"
                            .formatted(headers)
                            .getBytes(StandardCharsets.UTF_8));
            byte[] block = new byte[1 << 20];
            Arrays.fill(block, (byte) 'x');
            System.arraycopy(start.getBytes(StandardCharsets.UTF_8), 0, block, 0, start.length());
            boolean chunked = headers.contains("chunked");
            try {
                for (int i = 0; i < 64 && socket.getInputStream().available() == 0; i++) {
                    if (chunked) {
                        out.write("100000\r\n".getBytes(StandardCharsets.UTF_8));
                    }
                    out.write(block);
                    if (chunked) {
                        out.write("\r\n".getBytes(StandardCharsets.UTF_8));
                    }
                    Arrays.fill(block, (byte) 'x');
                }
            } catch (IOException e) {
                // It has closed its side: what it said is still to be read.
            }
            return read(socket.getInputStream());
        }
    }

    private static String read(InputStream in) throws IOException {
        var text = new StringBuilder();
        var bytes = new byte[4096];
        try {
            for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
                text.append(new String(bytes, 0, n, StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            // The server resets the connection of whoever goes on sending.
        }
        return text.toString();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "кольцо",
                "指輪 💍",
                "خاتم",
                "a/b",
                "..",
                "%2F",
                "a?b#c",
                "<script>alert(1)</script>",
                "\"quoted\"",
                "~tilde"
            })
    void shouldLeadToASampleOfAnyName(String sample) throws Exception {
        String run = "named-" + Integer.toHexString(sample.hashCode());
        var events = new ArrayList<Event>(Example.failed(run, sample, on.image()));
        events.add(Example.run(run, RunUpdated.Status.DONE, 1, 0, 1));
        on.publish(events);
        on.await("/runs/" + run, "1 of 1 samples, 1 failed", "fit into 4 GiB");
        String page = on.get("/runs/" + run).body();
        var link = SAMPLE_LINK.matcher(page);
        assertThat(link.find()).as(page).isTrue();
        HttpResponse<String> shown = on.get(link.group(1));
        assertThat(shown.statusCode()).as(link.group(1)).isEqualTo(200);
        String escaped =
                sample.replace("&", "&amp;")
                        .replace("<", "&lt;")
                        .replace(">", "&gt;")
                        .replace("\"", "&quot;");
        assertThat(shown.body()).contains("<h1>" + escaped + "</h1>").doesNotContain("<script>a");
        assertThat(on.post(link.group(1) + "/retry", "").statusCode()).isEqualTo(303);
    }

    @Test
    void shouldSayThatTheBrokerIsAwayAndGoOnWithoutLosingAVote() throws Exception {
        JsonNode ballot =
                JSON.readTree(
                        on.post("/arena/ballots", "{\"run\": \"run\", \"rater\": \"Ada\"}").body());
        on.brokerGoes();
        CompletableFuture<HttpResponse<String>> vote;
        try {
            await(() -> on.get("/").body().contains("The pages show an earlier state"));
            assertThat(on.get("/runs/run/ring").statusCode()).isEqualTo(200);
            vote = CompletableFuture.supplyAsync(() -> vote(ballot.get("ballot").asText()));
            // Whoever looks does not wait for whoever votes.
            assertThat(on.get(ballot.get("left").asText()).statusCode()).isEqualTo(200);
            assertThat(vote).isNotDone();
        } finally {
            on.brokerReturns();
        }
        assertThat(vote.get(90, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        await(() -> !on.get("/").body().contains("The pages show an earlier state"));
        assertThat(on.events(on.session().topics().votes()))
                .filteredOn(e -> e instanceof VoteCast v && v.rater().equals("Ada"))
                .hasSize(1);
        on.publish(Example.run("after", List.of("ring"), on.image(), on::video));
        on.awaitGrades("after", 1);
    }

    private static HttpResponse<String> vote(String ballot) {
        try {
            return on.post(
                    "/arena/votes",
                    "{\"ballot\": \"%s\", \"answer\": \"LEFT\", \"millis\": 900}"
                            .formatted(ballot));
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Something that becomes true. */
    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void await(Condition condition) throws Exception {
        for (int i = 0; i < 300; i++) {
            if (condition.holds()) {
                return;
            }
            Thread.sleep(100);
        }
        throw new AssertionError("it never came");
    }
}
