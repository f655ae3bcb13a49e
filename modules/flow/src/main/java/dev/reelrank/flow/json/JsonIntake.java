package dev.reelrank.flow.json;

import dev.reelrank.bus.Connection;
import dev.reelrank.bus.RecordTranslation;
import dev.reelrank.bus.RecordTranslation.Source;
import dev.reelrank.bus.RecordTranslation.Target;
import dev.reelrank.bus.Topics;
import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.pipeline.event.DeadLetter;
import dev.reelrank.pipeline.event.Event;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads JSON submissions beside Kafka Streams, on a thread of its own: what is wrong with them, and
 * a store that is away, hold up nothing else.
 */
public final class JsonIntake implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JsonIntake.class);
    private static final Duration CLOSE = Duration.ofSeconds(5);

    private final Topics topics;
    private final EventCodec codec;
    private final JsonTranslator translator;
    private final MeterRegistry registry;
    private final RecordTranslation translation;
    private final Thread thread;

    private JsonIntake(
            Connection connection,
            EventCodec codec,
            JsonSources sources,
            String instance,
            MeterRegistry registry) {
        this.topics = connection.topics();
        this.codec = codec;
        this.translator = new JsonTranslator(sources, Clock.systemUTC());
        this.registry = registry;
        this.translation =
                new RecordTranslation(
                        connection,
                        new RecordTranslation.Setup(
                                topics.jsonGroup(),
                                topics.jsonGroup() + "-" + instance,
                                List.of(topics.jsonSubmissions())),
                        this::targets,
                        count -> {});
        this.thread = new Thread(translation::run, "json-intake");
        thread.setDaemon(true);
    }

    /**
     * Begins to read.
     *
     * @param instance names this process among all flow processes
     */
    public static JsonIntake start(
            Connection connection,
            EventCodec codec,
            JsonSources sources,
            String instance,
            MeterRegistry registry) {
        var intake = new JsonIntake(connection, codec, sources, instance, registry);
        intake.thread.start();
        return intake;
    }

    private List<Target> targets(Source record) {
        List<Event> events = translator.translate(record.value(), record.place());
        boolean refused = false;
        for (Event event : events) {
            if (event instanceof DeadLetter letter) {
                refused = true;
                LOG.warn("a JSON submission was refused: {}", letter.message());
            }
        }
        // Counts decisions: one in a transaction that was repeated counts twice.
        registry.counter("reelrank.flow.json", "outcome", refused ? "refused" : "taken")
                .increment();
        return events.stream().map(this::target).toList();
    }

    private Target target(Event event) {
        var route = topics.route(event);
        return new Target(
                route.topic(), route.key().getBytes(StandardCharsets.UTF_8), codec.encode(event));
    }

    /** Ends within a few seconds; a transaction that is open is aborted. */
    @Override
    public void close() {
        translation.stop();
        thread.interrupt();
        try {
            thread.join(CLOSE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
