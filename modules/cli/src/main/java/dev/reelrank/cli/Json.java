package dev.reelrank.cli;

import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.reelrank.pipeline.StageName;

/** Data for other programs: one JSON document, or one per line. */
final class Json {
    private static final ObjectMapper LINE =
            new ObjectMapper()
                    .registerModule(new JavaTimeModule())
                    .addMixIn(StageName.class, Symbol.class)
                    .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS);
    private static final ObjectMapper DOCUMENT =
            LINE.copy().enable(SerializationFeature.INDENT_OUTPUT);

    private Json() {}

    /** A stage as events spell it. */
    private interface Symbol {
        @JsonValue
        String symbol();
    }

    static void print(Object value) {
        System.out.println(text(DOCUMENT, value));
    }

    static String line(Object value) {
        return text(LINE, value);
    }

    private static String text(ObjectMapper mapper, Object value) {
        try {
            return mapper.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("no JSON for " + value.getClass(), e);
        }
    }
}
