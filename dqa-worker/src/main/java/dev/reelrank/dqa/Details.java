package dev.reelrank.dqa;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The JSON behind a score. */
final class Details {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Details() {}

    static ObjectNode object() {
        return JSON.createObjectNode();
    }

    static String text(ObjectNode node) {
        try {
            return JSON.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of plain values has a text", e);
        }
    }

    /** Why there is no score. */
    static String missing(String why) {
        return text(object().put("missing", why));
    }

    /** Four digits are more than any of these scores means. */
    static double round(double v) {
        return Math.round(v * 10_000) / 10_000.0;
    }

    /** For raw measures, some of which are small by nature. */
    static double precise(double v) {
        return Math.round(v * 1e7) / 1e7;
    }
}
