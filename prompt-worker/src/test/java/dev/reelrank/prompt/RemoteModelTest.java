package dev.reelrank.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.qwen.Decoding;
import dev.reelrank.qwen.TextGenerator.Watch;
import dev.reelrank.qwen.Turn;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RemoteModelTest {
    /** What the server says, one a request; the last one is repeated. */
    private record Reply(int status, String body) {}

    private static final String GOOD =
            "{\"choices\":[{\"message\":{\"content\":\"A ring turns.\"},\"finish_reason\":\"stop\"}]}";

    private final List<JsonNode> bodies = new ArrayList<>();
    private final List<String> keys = new ArrayList<>();
    private final CountDownLatch hang = new CountDownLatch(1);
    private List<Reply> replies = List.of(new Reply(200, GOOD));
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext(
                "/v1/chat/completions",
                exchange -> {
                    bodies.add(new ObjectMapper().readTree(exchange.getRequestBody()));
                    keys.add(
                            String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
                    var reply = replies.get(Math.min(bodies.size(), replies.size()) - 1);
                    if (reply.status() == 0) {
                        await(hang);
                    }
                    var bytes = reply.body().getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(Math.max(200, reply.status()), bytes.length);
                    exchange.getResponseBody().write(bytes);
                    exchange.close();
                });
        server.start();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @AfterEach
    void stop() {
        hang.countDown();
        server.stop(0);
    }

    private RemoteModel model(int port, Duration timeout) {
        return new RemoteModel(
                new Endpoint(
                        java.net.URI.create("http://127.0.0.1:" + port + "/v1"),
                        "qwen3-vl",
                        "secret",
                        timeout,
                        3,
                        Duration.ofMillis(5)));
    }

    private RemoteModel model() {
        return model(server.getAddress().getPort(), Duration.ofSeconds(20));
    }

    private static List<List<Turn>> chat() {
        return List.of(
                List.of(
                        Turn.system("Be brief."),
                        Turn.user(
                                List.of(new RgbImage(3, 2, new byte[18])),
                                "Prompt: a ring turns")));
    }

    private void fails(RemoteModel model, String words) {
        assertThatThrownBy(() -> model.generate(chat(), Decoding.greedy(9), Watch.NONE))
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.ENDPOINT_UNAVAILABLE))
                .hasMessageContaining(words)
                .hasMessageNotContaining("secret");
    }

    @Test
    void shouldSendTextsAndPicturesAndReadTheAnswer() {
        var answers = model().generate(chat(), new Decoding(77, 0.5, 3), Watch.NONE);
        assertThat(answers).singleElement().satisfies(a -> assertThat(a.complete()).isTrue());
        assertThat(answers.get(0).text()).isEqualTo("A ring turns.");
        var body = bodies.get(0);
        assertThat(body.get("model").asText()).isEqualTo("qwen3-vl");
        assertThat(body.get("max_tokens").asInt()).isEqualTo(77);
        assertThat(body.get("temperature").asDouble()).isEqualTo(0.5);
        assertThat(body.at("/messages/0/content").asText()).isEqualTo("Be brief.");
        assertThat(body.at("/messages/1/content/0/image_url/url").asText())
                .startsWith("data:image/png;base64,iVBOR");
        assertThat(body.at("/messages/1/content/1/text").asText())
                .isEqualTo("Prompt: a ring turns");
        assertThat(keys).containsExactly("Bearer secret");
    }

    @Test
    void shouldTryAgainWhenTheServerIsBusy() {
        replies =
                List.of(new Reply(503, "busy"), new Reply(429, "slow down"), new Reply(200, GOOD));
        assertThat(model().generate(chat(), Decoding.greedy(9), Watch.NONE).get(0).text())
                .isEqualTo("A ring turns.");
        assertThat(bodies).hasSize(3);
    }

    @Test
    void shouldGiveUpAfterSomeAttempts() {
        replies = List.of(new Reply(500, "broken"));
        fails(model(), "tried 3 times");
        assertThat(bodies).hasSize(3);
    }

    @Test
    void shouldNotRepeatWhatCannotPass() {
        replies = List.of(new Reply(401, "no such key"));
        fails(model(), "status 401: no such key");
        assertThat(bodies).hasSize(1);
    }

    @Test
    void shouldNotWaitForEver() {
        replies = List.of(new Reply(0, ""));
        fails(model(server.getAddress().getPort(), Duration.ofMillis(150)), "Timeout");
    }

    @Test
    void shouldSayWhenNobodyListens() throws IOException {
        int port;
        try (var free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        fails(model(port, Duration.ofSeconds(2)), "ConnectException");
    }

    @Test
    void shouldTakeGarbageAsAnEmptyAnswer() {
        for (var garbage : List.of("<html>", "{}", "{\"choices\":[]}", "", "[1,2")) {
            replies = List.of(new Reply(200, garbage));
            assertThat(model().generate(chat(), Decoding.greedy(9), Watch.NONE).get(0).text())
                    .as(garbage)
                    .isEmpty();
        }
    }

    @Test
    void shouldRefuseAddressesThatAreNone() {
        for (var wrong : List.of("gpu7:8000", "ftp://gpu7", "http://", "not an address")) {
            assertThatThrownBy(() -> Endpoint.of(wrong, "m", "", Duration.ofSeconds(1)))
                    .as(wrong)
                    .isInstanceOf(StageException.class)
                    .hasMessageContaining("http://host:8000/v1");
        }
        assertThatThrownBy(() -> Endpoint.of("http://gpu7:8000/v1", "", "", Duration.ofSeconds(1)))
                .hasMessageContaining("--endpoint-model");
    }
}
