package dev.reelrank.console.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The OpenAPI document as a test reads it. */
final class ApiDocument {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonSchemaFactory SCHEMAS =
            JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);

    private final JsonNode root;
    private final Map<String, JsonSchema> schemas = new HashMap<>();

    /** One method of one path. */
    record Operation(String method, String path, JsonNode node) {}

    private ApiDocument(JsonNode root) {
        this.root = root;
    }

    static ApiDocument read() throws IOException {
        try (var in = VideoJobs.class.getResourceAsStream("/dev/reelrank/console/openapi.json")) {
            return new ApiDocument(JSON.readTree(in));
        }
    }

    List<Operation> operations() {
        var all = new ArrayList<Operation>();
        root.get("paths")
                .properties()
                .forEach(
                        path ->
                                path.getValue()
                                        .properties()
                                        .forEach(
                                                method ->
                                                        all.add(
                                                                new Operation(
                                                                        method.getKey()
                                                                                .toUpperCase(
                                                                                        java.util
                                                                                                .Locale
                                                                                                .ROOT),
                                                                        path.getKey(),
                                                                        method.getValue()))));
        return all;
    }

    /** A schema behind its references. */
    JsonNode resolve(JsonNode schema) {
        JsonNode ref = schema.get("$ref");
        return ref == null ? schema : resolve(root.at(ref.asText().substring(1)));
    }

    /** What is wrong with an answer, empty if it is as documented. */
    Optional<String> objection(Operation operation, int status, String mediaType, byte[] body) {
        JsonNode response = operation.node().at("/responses").get(Integer.toString(status));
        if (response == null) {
            return Optional.of("status %d is not documented".formatted(status));
        }
        JsonNode content = response.get("content");
        if (content == null) {
            return body.length == 0
                    ? Optional.empty()
                    : Optional.of("a body of %d bytes is not documented".formatted(body.length));
        }
        JsonNode media = content.get(mediaType.replaceFirst(";.*", "").strip());
        if (media == null) {
            return Optional.of("media type %s is not documented".formatted(mediaType));
        }
        if (!mediaType.startsWith("application/json")) {
            return Optional.empty();
        }
        try {
            var wrong = schema(media.get("schema")).validate(JSON.readTree(body));
            return wrong.isEmpty() ? Optional.empty() : Optional.of(wrong.toString());
        } catch (IOException e) {
            return Optional.of("the body is not JSON: " + e.getMessage());
        }
    }

    private JsonSchema schema(JsonNode schema) {
        return schemas.computeIfAbsent(
                schema.toString(),
                text -> {
                    ObjectNode whole = schema.deepCopy();
                    whole.set("components", root.get("components"));
                    return SCHEMAS.getSchema(whole);
                });
    }
}
