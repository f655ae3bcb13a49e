package dev.reelrank.flow.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeType;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Ids;
import dev.reelrank.pipeline.StageException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One sample as a JSON object; docs/clients.md describes the fields.
 *
 * @param submission the client's own name of this request, empty for none
 * @param subject null to have it found
 * @param editedPrompt used as it is, null to have one written
 * @param preset null for the defaults
 * @param config the keys that differ, as JSON
 */
record JsonSubmission(
        String run,
        String sample,
        String submission,
        String prompt,
        JsonPicture image,
        @Nullable String subject,
        @Nullable String editedPrompt,
        @Nullable String preset,
        String config) {
    /** Larger than any reference image that a record of Kafka's usual size can hold. */
    static final int LONGEST = 12 << 20;

    private static final List<String> FIELDS =
            List.of(
                    "run",
                    "sample",
                    "submission",
                    "prompt",
                    "image",
                    "subject",
                    "editedPrompt",
                    "preset",
                    "config");

    private static final ObjectMapper JSON =
            new ObjectMapper()
                    .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /**
     * Reads a record.
     *
     * @throws StageException INVALID_SAMPLE, INVALID_SAMPLE_ID, EMPTY_PROMPT or UNREADABLE_IMAGE,
     *     naming the field
     */
    static JsonSubmission read(byte @Nullable [] bytes) {
        JsonNode object = object(bytes);
        only(object, "", FIELDS);
        String prompt = text(object, "prompt");
        if (prompt.isBlank()) {
            throw new StageException(FailureCode.EMPTY_PROMPT, "'prompt' is empty");
        }
        JsonNode config = object.path("config");
        if (!config.isMissingNode() && !config.isObject()) {
            throw invalid("'config' must be an object with sections such as \"candidate\"");
        }
        return new JsonSubmission(
                Ids.requireRunId(text(object, "run")),
                Ids.requireSampleId(text(object, "sample")),
                object.has("submission") ? text(object, "submission") : "",
                prompt,
                JsonPicture.read(object.path("image")),
                optional(object, "subject"),
                optional(object, "editedPrompt"),
                optional(object, "preset"),
                config.isMissingNode() ? "{}" : config.toString());
    }

    private static JsonNode object(byte @Nullable [] bytes) {
        if (bytes == null || bytes.length == 0) {
            throw invalid("the record is empty; it must hold one JSON object");
        }
        if (bytes.length > LONGEST) {
            throw invalid(
                    "the record has %d bytes, at most %d are taken; put the image into a shared folder and name it by its uri"
                            .formatted(bytes.length, LONGEST));
        }
        try {
            // Jackson would take other encodings too, and replace what is none.
            String text =
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            JsonNode node = JSON.readTree(text);
            if (!node.isObject()) {
                throw invalid(
                        "the record is a JSON %s; it must be one object"
                                .formatted(
                                        node.getNodeType()
                                                .name()
                                                .toLowerCase(java.util.Locale.ROOT)));
            }
            return node;
        } catch (CharacterCodingException e) {
            throw invalid("the record is not UTF-8");
        } catch (JsonProcessingException e) {
            var at = e.getLocation();
            throw invalid(
                    "the record is not JSON: %s%s"
                            .formatted(
                                    e.getOriginalMessage(),
                                    at == null
                                            ? ""
                                            : " (line %d, column %d)"
                                                    .formatted(at.getLineNr(), at.getColumnNr())));
        }
    }

    /** A misspelt field would be passed over without a word. */
    static void only(JsonNode object, String where, List<String> fields) {
        for (String name : (Iterable<String>) object::fieldNames) {
            if (!fields.contains(name)) {
                throw invalid(
                        "unknown field '%s%s'; there are %s"
                                .formatted(where, name, String.join(", ", fields)));
            }
        }
    }

    static String text(JsonNode object, String field) {
        JsonNode node = object.path(field);
        if (node.getNodeType() != JsonNodeType.STRING) {
            throw invalid(
                    node.isMissingNode()
                            ? "the field '%s' is missing".formatted(field)
                            : "'%s' must be a text".formatted(field));
        }
        return node.asText();
    }

    private static @Nullable String optional(JsonNode object, String field) {
        return object.path(field).isMissingNode() || object.path(field).isNull()
                ? null
                : text(object, field);
    }

    static StageException invalid(String why) {
        return new StageException(FailureCode.INVALID_SAMPLE, why);
    }
}
