package dev.reelrank.client.mirror;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A schema registry with Confluent's HTTP interface, which others serve too. It knows each schema
 * by a number, which stands in every record.
 */
public final class SchemaRegistry {
    private static final Duration LIMIT = Duration.ofSeconds(15);
    private static final int OK = 200;
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int CONFLICT = 409;
    private static final int SERVER_ERROR = 500;

    private final String address;
    private final @Nullable String credentials;
    private final HttpClient http =
            HttpClient.newBuilder()
                    .connectTimeout(LIMIT)
                    .version(HttpClient.Version.HTTP_1_1)
                    .build();
    private final ObjectMapper json = new ObjectMapper();
    private final Map<String, Integer> known = new HashMap<>();

    /**
     * @param address for example http://registry:8081; no password belongs in it
     * @param credentials {@code user:password}, null for none
     * @throws StageException INVALID_CONFIG if the address is none
     */
    public SchemaRegistry(String address, @Nullable String credentials) {
        URI uri;
        try {
            uri = URI.create(address);
        } catch (IllegalArgumentException e) {
            throw notAnAddress(address);
        }
        if (uri.getHost() == null || !String.valueOf(uri.getScheme()).matches("https?")) {
            throw notAnAddress(address);
        }
        if (uri.getUserInfo() != null) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "the address of the registry holds a password, which others can read; set REELRANK_REGISTRY_AUTH=user:password instead");
        }
        this.address = address.replaceFirst("/+$", "");
        this.credentials = credentials;
    }

    private static StageException notAnAddress(String address) {
        return new StageException(
                FailureCode.INVALID_CONFIG,
                "'%s' is no address of a schema registry; it must look like http://registry:8081"
                        .formatted(address));
    }

    /**
     * The number of a schema, which is registered if it is new.
     *
     * @param subject under which it is kept
     * @param schema Avro, as JSON
     * @throws StageException ENDPOINT_UNAVAILABLE if the registry does not answer; INVALID_CONFIG
     *     if it refuses
     */
    public synchronized int id(String subject, String schema) {
        Integer found = known.get(subject + "\n" + schema);
        if (found != null) {
            return found;
        }
        int id = register(subject, schema);
        known.put(subject + "\n" + schema, id);
        return id;
    }

    private int register(String subject, String schema) {
        String path =
                "/subjects/" + URLEncoder.encode(subject, StandardCharsets.UTF_8) + "/versions";
        var request =
                HttpRequest.newBuilder(URI.create(address + path))
                        .timeout(LIMIT)
                        .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                        .POST(HttpRequest.BodyPublishers.ofString(body(schema)));
        if (credentials != null) {
            request.header(
                    "Authorization",
                    "Basic "
                            + Base64.getEncoder()
                                    .encodeToString(credentials.getBytes(StandardCharsets.UTF_8)));
        }
        try {
            var answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != OK) {
                throw refused(subject, answer);
            }
            JsonNode id = json.readTree(answer.body()).path("id");
            if (!id.canConvertToInt()) {
                throw unavailable("it answers without an id: " + answer.body(), null);
            }
            return id.asInt();
        } catch (IOException e) {
            throw unavailable(String.valueOf(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unavailable("interrupted", e);
        }
    }

    private String body(String schema) {
        try {
            return json.writeValueAsString(Map.of("schema", schema, "schemaType", "AVRO"));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a text cannot be written as JSON", e);
        }
    }

    private StageException refused(String subject, HttpResponse<String> answer) {
        int status = answer.statusCode();
        if (status >= SERVER_ERROR) {
            return unavailable(status + " " + answer.body(), null);
        }
        String remedy =
                switch (status) {
                    case UNAUTHORIZED, FORBIDDEN ->
                            "set REELRANK_REGISTRY_AUTH=user:password, and give the user the right to register";
                    case CONFLICT ->
                            "an earlier version of the schema is not compatible by the registry's rules; set the compatibility of the subject to BACKWARD or NONE";
                    default -> "check the address";
                };
        return new StageException(
                FailureCode.INVALID_CONFIG,
                "the schema registry at %s refuses subject %s (%d %s); %s"
                        .formatted(address, subject, status, answer.body(), remedy));
    }

    private StageException unavailable(String why, @Nullable Throwable cause) {
        return new StageException(
                FailureCode.ENDPOINT_UNAVAILABLE,
                "the schema registry at %s does not answer: %s".formatted(address, why),
                cause);
    }
}
