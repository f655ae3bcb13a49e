package dev.reelrank.bus.trace;

import io.opentelemetry.api.trace.SpanKind;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something that was done for a sample: one span.
 *
 * @param name of the stage, or what was asked for
 * @param kind PRODUCER for what asks, CONSUMER for what works on it
 * @param cause headers of the record that brought it about, empty where it is the first
 * @param attributes of the span, by OpenTelemetry's names where there are some
 * @param failure why it failed, null if it did not
 */
public record Step(
        String name,
        SpanKind kind,
        Map<String, byte[]> cause,
        Instant begin,
        Instant end,
        Map<String, String> attributes,
        @Nullable String failure) {
    public Step {
        cause = Map.copyOf(cause);
        attributes = Map.copyOf(attributes);
    }
}
