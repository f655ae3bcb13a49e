package dev.reelrank.bus.trace;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.event.CancelRequested;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.event.RetryRequested;
import dev.reelrank.pipeline.event.SampleSubmitted;
import dev.reelrank.pipeline.event.SelectionMade;
import dev.reelrank.pipeline.event.TuneRequested;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigurationException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Records steps as spans and carries their context in record headers.
 *
 * <p>Off unless the environment asks for it by OpenTelemetry's own variables: {@code
 * OTEL_EXPORTER_OTLP_ENDPOINT} (or {@code …_TRACES_ENDPOINT}), or {@code OTEL_TRACES_EXPORTER}.
 * Everything else that the SDK reads ({@code OTEL_SERVICE_NAME}, {@code OTEL_TRACES_SAMPLER},
 * {@code OTEL_RESOURCE_ATTRIBUTES}, …) works as documented there. Off, nothing is recorded, no SDK
 * is loaded, and a trace that another process started is passed on.
 *
 * <p>A step is recorded when it has ended. One that a killed process did not end has no span; the
 * trace continues with the process that does it again.
 */
public final class Tracing implements AutoCloseable {
    /** Records nothing. */
    public static final Tracing OFF = new Tracing(null);

    /** The headers that make up a context: W3C trace context and baggage. */
    public static final List<String> HEADERS = List.of("traceparent", "tracestate", "baggage");

    private static final TextMapGetter<Map<String, byte[]>> GETTER = new Headers();

    private final @Nullable OpenTelemetrySdk sdk;
    private final Tracer tracer;
    private final TextMapPropagator propagator;

    /**
     * @param sdk null for none; closed with this
     */
    public Tracing(@Nullable OpenTelemetrySdk sdk) {
        this.sdk = sdk;
        OpenTelemetry telemetry = sdk == null ? OpenTelemetry.noop() : sdk;
        this.tracer = telemetry.getTracer("dev.reelrank");
        this.propagator = telemetry.getPropagators().getTextMapPropagator();
    }

    /**
     * What the environment asks for.
     *
     * @param service name of this process among the traces, unless {@code OTEL_SERVICE_NAME} says
     *     otherwise
     * @param environment as of {@link System#getenv()}
     * @throws StageException INVALID_CONFIG if OpenTelemetry does not understand its variables
     */
    public static Tracing of(String service, Map<String, String> environment) {
        if (!asked(environment)) {
            return OFF;
        }
        var settings = new HashMap<String, String>();
        settings.put("otel.service.name", service);
        settings.put("otel.traces.exporter", "otlp");
        settings.put("otel.metrics.exporter", "none");
        settings.put("otel.logs.exporter", "none");
        settings.put("otel.exporter.otlp.protocol", "http/protobuf");
        environment.forEach(
                (name, value) -> {
                    if (name.startsWith("OTEL_") && !value.isBlank()) {
                        settings.put(name.toLowerCase(Locale.ROOT).replace('_', '.'), value);
                    }
                });
        try {
            return new Tracing(
                    AutoConfiguredOpenTelemetrySdk.builder()
                            .addPropertiesSupplier(() -> settings)
                            .disableShutdownHook()
                            .build()
                            .getOpenTelemetrySdk());
        } catch (ConfigurationException | IllegalStateException e) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "OpenTelemetry rejects the OTEL_ variables: %s; correct or unset them (exporters are otlp and console)"
                            .formatted(e.getMessage()),
                    e);
        }
    }

    private static boolean asked(Map<String, String> environment) {
        if ("true".equalsIgnoreCase(environment.getOrDefault("OTEL_SDK_DISABLED", ""))) {
            return false;
        }
        String exporter = environment.getOrDefault("OTEL_TRACES_EXPORTER", "").strip();
        if (!exporter.isEmpty()) {
            return !exporter.equalsIgnoreCase("none");
        }
        return !environment.getOrDefault("OTEL_EXPORTER_OTLP_ENDPOINT", "").isBlank()
                || !environment.getOrDefault("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "").isBlank();
    }

    /**
     * Records a step.
     *
     * @return headers for the records that follow from it
     */
    public Map<String, byte[]> record(Step step) {
        if (sdk == null) {
            var passed = new HashMap<String, byte[]>();
            for (String name : HEADERS) {
                byte[] value = step.cause().get(name);
                if (value != null) {
                    passed.put(name, value);
                }
            }
            return passed;
        }
        Context parent = propagator.extract(Context.root(), step.cause(), GETTER);
        var builder =
                tracer.spanBuilder(step.name())
                        .setParent(parent)
                        .setSpanKind(step.kind())
                        .setStartTimestamp(step.begin());
        step.attributes().forEach(builder::setAttribute);
        Span span = builder.startSpan();
        if (step.failure() != null) {
            span.setStatus(StatusCode.ERROR, step.failure());
        }
        var headers = new HashMap<String, byte[]>();
        propagator.inject(
                parent.with(span),
                headers,
                (carrier, name, value) -> {
                    if (carrier != null) {
                        carrier.put(name, value.getBytes(UTF_8));
                    }
                });
        span.end(step.end());
        return headers;
    }

    /** Headers for an event that asks for something: its span is the root of a trace. */
    public Map<String, byte[]> asking(Event event) {
        if (sdk == null) {
            return Map.of();
        }
        if (event instanceof SampleSubmitted e) {
            return ask("submit", e.runId(), e.sampleId(), e.at());
        } else if (event instanceof RetryRequested e) {
            return ask("retry", e.runId(), e.sampleId(), e.at());
        } else if (event instanceof CancelRequested e) {
            return ask("cancel", e.runId(), e.sampleId(), e.at());
        } else if (event instanceof SelectionMade e) {
            return ask("select", e.runId(), e.sampleId(), e.at());
        } else if (event instanceof TuneRequested e) {
            return record(
                    new Step("tune", SpanKind.PRODUCER, Map.of(), e.at(), e.at(), Map.of(), null));
        }
        return Map.of();
    }

    private Map<String, byte[]> ask(String what, String run, String sample, Instant at) {
        return record(
                new Step(
                        what,
                        SpanKind.PRODUCER,
                        Map.of(),
                        at,
                        at,
                        Map.of("reelrank.run", run, "reelrank.sample", sample),
                        null));
    }

    /** The id of the trace that a record belongs to, null if it belongs to none. */
    public static @Nullable String traceId(Map<String, byte[]> headers) {
        byte[] parent = headers.get("traceparent");
        if (parent == null) {
            return null;
        }
        // version-traceid-parentid-flags
        String[] parts = new String(parent, UTF_8).split("-", -1);
        return parts.length >= 4 && parts[1].length() == 32 ? parts[1] : null;
    }

    /** Exports what is still to be exported, waiting at most the SDK's own limit. */
    @Override
    public void close() {
        if (sdk != null) {
            sdk.close();
        }
    }

    private static final class Headers implements TextMapGetter<Map<String, byte[]>> {
        @Override
        public Iterable<String> keys(Map<String, byte[]> carrier) {
            return carrier.keySet();
        }

        @Override
        public @Nullable String get(@Nullable Map<String, byte[]> carrier, String key) {
            byte[] value = carrier == null ? null : carrier.get(key);
            return value == null ? null : new String(value, UTF_8);
        }
    }
}
