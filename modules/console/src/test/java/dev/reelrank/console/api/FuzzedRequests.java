package dev.reelrank.console.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Requests that a schema describes, valid ones and ones with something wrong in them. The same seed
 * gives the same requests.
 */
final class FuzzedRequests {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> NASTY =
            List.of(
                    "",
                    " ",
                    "null",
                    "-1",
                    "0",
                    "99999999999999999999",
                    "1e9",
                    "NaN",
                    "../../etc/passwd",
                    "..%2f..%2fetc",
                    "a/b",
                    "a;b",
                    "<script>alert(1)</script>",
                    "' OR 1=1 --",
                    "кольцо",
                    "指輪 💍",
                    "خاتم",
                    "\u202Egnir",
                    "a\u0301",
                    "line\nbreak",
                    "tab\tand\u0007bell",
                    "${jndi:ldap://x}",
                    "%00",
                    "x".repeat(6_000));
    private static final int CHANCE_OF_WRONG = 6;

    private final ApiDocument document;
    private final Random random;
    private final byte[] picture;
    private final List<String> ids;

    /**
     * @param picture a picture that is one
     * @param ids of videos that exist, at least one
     */
    FuzzedRequests(ApiDocument document, long seed, byte[] picture, List<String> ids) {
        this.document = document;
        this.random = new Random(seed);
        this.picture = picture;
        this.ids = ids;
    }

    /**
     * A request of an operation.
     *
     * @param to makes a request of a path with its query
     */
    HttpRequest next(ApiDocument.Operation operation, Function<String, HttpRequest.Builder> to) {
        String path = operation.path();
        var query = new StringBuilder();
        String[] header = {};
        for (JsonNode parameter : operation.node().path("parameters")) {
            String name = parameter.get("name").asText();
            boolean inPath = parameter.get("in").asText().equals("path");
            if (!inPath && random.nextBoolean()) {
                continue;
            }
            String value = parameter(name, parameter.get("schema"));
            switch (parameter.get("in").asText()) {
                // An empty segment would lead to another address.
                case "path" ->
                        path =
                                path.replace(
                                        "{" + name + "}", encoded(value.isEmpty() ? " " : value));
                case "query" ->
                        query.append(query.isEmpty() ? '?' : '&')
                                .append(name)
                                .append('=')
                                .append(encoded(value));
                default -> header = new String[] {name, printable(value)};
            }
        }
        HttpRequest.Builder request = to.apply(path + query);
        if (header.length > 0) {
            request.header(header[0], header[1]);
        }
        body(operation, request);
        return request.build();
    }

    private String parameter(String name, JsonNode schema) {
        if (name.equals("id") && !wrong()) {
            return ids.get(random.nextInt(ids.size()));
        }
        if (name.equals("number") && !wrong()) {
            return random.nextBoolean() ? "representative" : Integer.toString(random.nextInt(12));
        }
        if (wrong()) {
            return nasty();
        }
        JsonNode value = value(schema);
        return value.isValueNode() ? value.asText() : value.toString();
    }

    private void body(ApiDocument.Operation operation, HttpRequest.Builder request) {
        JsonNode content = operation.node().at("/requestBody/content");
        if (content.isMissingNode()) {
            request.method(operation.method(), BodyPublishers.noBody());
        } else if (random.nextInt(3) == 0) {
            form(document.resolve(content.at("/multipart~1form-data/schema")), request);
        } else {
            JsonNode schema = document.resolve(content.at("/application~1json/schema"));
            String text =
                    random.nextInt(12) == 0 ? nasty() : object(schema, this::jsonImage).toString();
            request.header("Content-Type", "application/json")
                    .method(operation.method(), BodyPublishers.ofString(text));
        }
    }

    private void form(JsonNode schema, HttpRequest.Builder request) {
        String boundary = "b" + random.nextLong(1L << 60);
        var bytes = new ByteArrayOutputStream();
        for (var property :
                object(schema, () -> JsonNodeFactory.instance.textNode("")).properties()) {
            boolean file = property.getKey().equals("input_reference");
            write(
                    bytes,
                    "--%s\r\nContent-Disposition: form-data; name=\"%s\"%s\r\n\r\n"
                            .formatted(
                                    boundary, property.getKey(), file ? "; filename=\"a.png\"" : "")
                            .getBytes(StandardCharsets.UTF_8));
            byte[] field =
                    property.getValue().isValueNode()
                            ? property.getValue().asText().getBytes(StandardCharsets.UTF_8)
                            : property.getValue().toString().getBytes(StandardCharsets.UTF_8);
            write(bytes, file ? image() : field);
            write(bytes, "\r\n".getBytes(StandardCharsets.UTF_8));
        }
        write(
                bytes,
                ("--" + boundary + (wrong() ? "" : "--\r\n")).getBytes(StandardCharsets.UTF_8));
        request.header("Content-Type", "multipart/form-data; boundary=" + boundary)
                .POST(BodyPublishers.ofByteArray(bytes.toByteArray()));
    }

    private static void write(ByteArrayOutputStream to, byte[] bytes) {
        to.write(bytes, 0, bytes.length);
    }

    private byte[] image() {
        byte[] bytes = picture.clone();
        if (wrong()) {
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return wrong() ? java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes;
    }

    private JsonNode jsonImage() {
        return JsonNodeFactory.instance.textNode(
                "data:image/png;base64," + Base64.getEncoder().encodeToString(image()));
    }

    private ObjectNode object(JsonNode schema, Supplier<JsonNode> image) {
        ObjectNode node = JSON.createObjectNode();
        for (var property : schema.path("properties").properties()) {
            String name = property.getKey();
            boolean required = schema.path("required").toString().contains('"' + name + '"');
            if (required ? random.nextInt(12) == 0 : random.nextInt(3) > 0) {
                continue;
            }
            JsonNode value;
            if (wrong()) {
                value = junk();
            } else if (name.equals("input_reference")) {
                value = image.get();
            } else if (name.equals("reelrank") && property.getValue().has("type")) {
                value =
                        JsonNodeFactory.instance.textNode(
                                wrong()
                                        ? nasty()
                                        : "{\"seeds\": [%d]}".formatted(random.nextInt(9)));
            } else {
                value = value(property.getValue());
            }
            node.set(name, value);
        }
        if (random.nextInt(10) == 0) {
            node.set(nasty(), junk());
        }
        return node;
    }

    private JsonNode value(JsonNode given) {
        JsonNode schema = document.resolve(given);
        var nodes = JsonNodeFactory.instance;
        if (schema.has("enum")) {
            return schema.get("enum").get(random.nextInt(schema.get("enum").size()));
        }
        if (schema.path("pattern").asText().contains("x\\d")) {
            return nodes.textNode(
                    (16 * random.nextInt(1, 90)) + "x" + (16 * random.nextInt(1, 90)));
        }
        String type =
                schema.path("type").isArray()
                        ? schema.at("/type/0").asText()
                        : schema.path("type").asText();
        return switch (type) {
            case "integer" -> nodes.numberNode(random.nextInt(0, 200));
            case "number" -> nodes.numberNode(random.nextDouble() * 10);
            case "boolean" -> nodes.booleanNode(random.nextBoolean());
            case "array" -> nodes.arrayNode().add(value(schema.path("items")));
            case "object" -> object(schema, this::jsonImage);
            default -> nodes.textNode(random.nextBoolean() ? "the ring turns" : nasty());
        };
    }

    private JsonNode junk() {
        var nodes = JsonNodeFactory.instance;
        return switch (random.nextInt(7)) {
            case 0 -> nodes.nullNode();
            case 1 -> nodes.booleanNode(true);
            case 2 -> nodes.numberNode(random.nextLong());
            case 3 -> nodes.arrayNode().add(nasty());
            case 4 -> nodes.objectNode().put(nasty(), nasty());
            case 5 -> nodes.numberNode(-1e300);
            default -> nodes.textNode(nasty());
        };
    }

    private boolean wrong() {
        return random.nextInt(CHANCE_OF_WRONG) == 0;
    }

    private String nasty() {
        return NASTY.get(random.nextInt(NASTY.size()));
    }

    private static String encoded(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** The client that sends the requests refuses other headers itself. */
    private static String printable(String value) {
        return value.replaceAll("[^ -~]", "?");
    }
}
