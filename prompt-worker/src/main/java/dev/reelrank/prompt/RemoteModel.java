package dev.reelrank.prompt;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.qwen.Decoding;
import dev.reelrank.qwen.Generation;
import dev.reelrank.qwen.TextGenerator;
import dev.reelrank.qwen.Turn;
import dev.reelrank.video.Images;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks an OpenAI-compatible endpoint with image input.
 *
 * <p>No connection, no answer in time, and every status but 2xx are tried again and then are
 * ENDPOINT_UNAVAILABLE: nothing is blamed on the sample, and nothing is stored. An answer of status
 * 2xx that is no completion counts as an empty answer and goes by the mode's rules.
 */
final class RemoteModel implements TextGenerator {
    private static final Logger LOG = LoggerFactory.getLogger(RemoteModel.class);
    private static final int LONGEST_ANSWER = 1 << 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Endpoint endpoint;
    private final HttpClient client;

    RemoteModel(Endpoint endpoint) {
        this.endpoint = endpoint;
        client =
                HttpClient.newBuilder()
                        .connectTimeout(
                                endpoint.timeout().compareTo(Duration.ofSeconds(10)) < 0
                                        ? endpoint.timeout()
                                        : Duration.ofSeconds(10))
                        .build();
    }

    @Override
    public Set<String> specialTokens() {
        // The vocabulary is unknown; these are the ones that open and close turns in most of them.
        return Set.of(
                "<|im_start|>",
                "<|im_end|>",
                "<|endoftext|>",
                "<|image_pad|>",
                "<|vision_start|>",
                "<|vision_end|>",
                "<think>",
                "</think>");
    }

    @Override
    public List<Generation> generate(List<List<Turn>> chats, Decoding decoding, Watch watch) {
        var answers = new ArrayList<Generation>();
        for (var chat : chats) {
            if (!watch.progress(answers.size(), chats.size())) {
                throw new CancelledException();
            }
            answers.add(answer(chat, decoding));
        }
        watch.progress(chats.size(), chats.size());
        return answers;
    }

    private Generation answer(List<Turn> chat, Decoding decoding) {
        var body = body(chat, decoding);
        var pause = endpoint.pause();
        for (var attempt = 1; ; attempt++) {
            try {
                return send(body);
            } catch (Unavailable e) {
                if (attempt == endpoint.attempts() || !e.mayPass) {
                    throw new StageException(
                            FailureCode.ENDPOINT_UNAVAILABLE,
                            "%s: %s (tried %d times)".formatted(endpoint, e.getMessage(), attempt),
                            e);
                }
                LOG.warn(
                        "{}: {}; trying again in {} ms",
                        endpoint,
                        e.getMessage(),
                        pause.toMillis());
                sleep(pause);
                pause = pause.multipliedBy(2);
            }
        }
    }

    /** No completion came; it may at another time. */
    private static final class Unavailable extends Exception {
        private static final long serialVersionUID = 1L;
        private final boolean mayPass;

        Unavailable(
                String message,
                boolean mayPass,
                @org.jspecify.annotations.Nullable Throwable cause) {
            super(message, cause);
            this.mayPass = mayPass;
        }
    }

    private Generation send(byte[] body) throws Unavailable {
        var request =
                HttpRequest.newBuilder(endpoint.completions())
                        .timeout(endpoint.timeout())
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        if (!endpoint.key().isEmpty()) {
            request.header("Authorization", "Bearer " + endpoint.key());
        }
        try {
            var response = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            try (var in = response.body()) {
                var text = read(in);
                var status = response.statusCode();
                if (status / 100 != 2) {
                    // 429 and 5xx pass by themselves; a wrong key or model name does not.
                    throw new Unavailable(
                            "status " + status + ": " + start(text),
                            status == 408 || status == 429 || status >= 500,
                            null);
                }
                return completion(text);
            }
        } catch (IOException e) {
            throw new Unavailable(reason(e), true, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancelledException();
        }
    }

    private static String reason(IOException e) {
        return e.getClass().getSimpleName() + (e.getMessage() == null ? "" : " " + e.getMessage());
    }

    private static String read(InputStream in) throws IOException {
        return new String(in.readNBytes(LONGEST_ANSWER), StandardCharsets.UTF_8);
    }

    private static String start(String text) {
        return text.length() > 200 ? text.substring(0, 200) + "…" : text;
    }

    private Generation completion(String text) {
        try {
            var choice = JSON.readTree(text).path("choices").path(0);
            return new Generation(
                    content(choice.path("message").path("content")),
                    List.of(),
                    !"length".equals(choice.path("finish_reason").asText()));
        } catch (JsonProcessingException e) {
            LOG.warn("{} returned an answer that is not JSON: {}", endpoint, start(text));
            return new Generation("", List.of(), false);
        }
    }

    /** A text, or parts of which some are texts. */
    private static String content(JsonNode content) {
        if (content.isTextual()) {
            return content.asText();
        }
        var text = new StringBuilder();
        content.forEach(part -> text.append(part.path("text").asText("")));
        return text.toString();
    }

    private byte[] body(List<Turn> chat, Decoding decoding) {
        var root = JSON.createObjectNode();
        root.put("model", endpoint.model());
        root.put("max_tokens", decoding.maxNewTokens());
        root.put("temperature", decoding.temperature());
        root.put("seed", decoding.seed());
        var messages = root.putArray("messages");
        for (var turn : chat) {
            var message = messages.addObject();
            message.put("role", turn.role().name().toLowerCase(Locale.ROOT));
            if (turn.images().isEmpty()) {
                message.put("content", turn.text());
            } else {
                var parts = message.putArray("content");
                turn.images().forEach(image -> picture(parts, image));
                parts.addObject().put("type", "text").put("text", turn.text());
            }
        }
        try {
            return JSON.writeValueAsBytes(root);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of texts and numbers became no JSON", e);
        }
    }

    private static void picture(ArrayNode parts, RgbImage image) {
        var data = Base64.getEncoder().encodeToString(Images.png(image));
        var part = parts.addObject().put("type", "image_url");
        part.putObject("image_url").put("url", "data:image/png;base64," + data);
    }

    private static void sleep(Duration pause) {
        try {
            Thread.sleep(pause.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancelledException();
        }
    }
}
