package dev.reelrank.bench.hostile;

import dev.reelrank.bus.Connection;
import dev.reelrank.bus.Topics;
import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.store.ResultStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/** Records that a client should not write, on every topic that clients and workers write. */
final class HostileRecords implements AutoCloseable {
    /** Behind it a schema's fingerprint and the event. */
    private static final int HEAD = 10;

    private static final int LARGE = 15_500_000;

    private final Topics topics;
    private final HostileEvents events;
    private final ResultStore store;
    private final byte[] picture;
    private final EventCodec codec = new EventCodec();
    private final KafkaProducer<String, byte[]> producer;
    private final List<String> written = new ArrayList<>();

    /**
     * @param picture bytes of a readable PNG
     */
    HostileRecords(Connection connection, HostileEvents events, ResultStore store, byte[] picture) {
        this.topics = connection.topics();
        this.events = events;
        this.store = store;
        this.picture = picture;
        Map<String, Object> properties = connection.properties();
        properties.put("max.request.size", 16 << 20);
        this.producer =
                new KafkaProducer<>(properties, new StringSerializer(), new ByteArraySerializer());
        written.add(topics.submissions());
        written.add(topics.selections());
        for (StageName stage : topics.stages().names()) {
            written.add(topics.results(stage));
            written.add(topics.work(stage));
        }
    }

    /** Kinds, and how often each is done compared with the others. */
    Map<Assault, Integer> assaults() {
        return Map.ofEntries(
                Map.entry(of("bytes", r -> send(topic(r), key(r), Mutation.any(r))), 80),
                Map.entry(of("no-value", r -> send(topic(r), key(r), null)), 16),
                Map.entry(of("newer-schema", this::newer), 32),
                Map.entry(of("mutated-event", this::mutated), 160),
                Map.entry(of("whole-event", r -> publish(events.any(r))), 48),
                Map.entry(of("wrong-topic", r -> send(topic(r), key(r), bytes(r))), 32),
                Map.entry(of("wrong-key", this::wrongKey), 32),
                Map.entry(of("wrong-partition", this::wrongPartition), 40),
                Map.entry(of("odd-ids", r -> publish(events.oddIds(r))), 32),
                Map.entry(of("odd-uri", r -> publish(events.oddUri(r))), 48),
                Map.entry(of("broken-picture", this::brokenPicture), 48),
                Map.entry(of("lying-worker", this::lyingWorker), 24),
                Map.entry(of("breaking-sample", this::breaking), 1),
                Map.entry(of("large", this::large), 2));
    }

    private void newer(Random random) {
        Event event = events.any(random);
        byte[] bytes = codec.encode(event);
        bytes[2 + random.nextInt(8)] ^= (byte) (1 + random.nextInt(255));
        byte[] sent = random.nextBoolean() ? bytes : Arrays.copyOf(bytes, 15);
        send(topics.route(event).topic(), topics.route(event).key(), sent);
    }

    private void mutated(Random random) {
        Event event = events.any(random);
        int keep = random.nextInt(4) == 0 ? 0 : HEAD;
        send(
                topics.route(event).topic(),
                topics.route(event).key(),
                Mutation.of(codec.encode(event), keep, random));
    }

    private void wrongKey(Random random) {
        Event event = events.any(random);
        send(topics.route(event).topic(), key(random), codec.encode(event));
    }

    /** As a client with another partitioner does. */
    private void wrongPartition(Random random) {
        Event event =
                events.submission(
                        events.run(random), events.sample(random), "moved", events.image());
        String topic = topics.route(event).topic();
        int partitions = producer.partitionsFor(topic).size();
        send(
                new ProducerRecord<>(
                        topic,
                        random.nextInt(partitions),
                        topics.route(event).key(),
                        codec.encode(event)));
    }

    private void brokenPicture(Random random) {
        BlobRef blob = store.putBlob(Mutation.of(picture, 0, random), "image/png");
        publish(events.submission(events.run(random), events.sample(random), "a picture", blob));
    }

    private void lyingWorker(Random random) {
        publish(events.report(events.run(random), events.sample(random), random));
    }

    /** A sample that makes a stage fail in a way that nobody foresaw. */
    private void breaking(Random random) {
        List<String> stages = List.of("prompt", "candidate", "ranking", "grade");
        String stage = stages.get(random.nextInt(stages.size()));
        List<String> faults =
                List.of("[throw:%s]", "[not-finite]", "[hang:%s]", "[halt:%s]", "[throw:%s]");
        String mark = faults.get(random.nextInt(faults.size())).formatted(stage);
        publish(
                events.submission(
                        "hostile-breaking", "b" + random.nextInt(1_000_000), mark, events.image()));
    }

    /** Nearly as large as a record may be: what is made of it is larger. */
    private void large(Random random) {
        String text = (random.nextBoolean() ? "large " : "\u0001").repeat(LARGE / 6);
        publish(
                random.nextBoolean()
                        ? events.selection("hostile-large", "s", text, random)
                        : events.submission(
                                "hostile-large", events.sample(random), text, events.image()));
    }

    private void publish(Event event) {
        send(topics.route(event).topic(), topics.route(event).key(), codec.encode(event));
    }

    private byte[] bytes(Random random) {
        return codec.encode(events.any(random));
    }

    private String topic(Random random) {
        return written.get(random.nextInt(written.size()));
    }

    private @Nullable String key(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> null;
            case 1 -> "";
            case 2 -> Integer.toString(random.nextInt());
            default -> events.run(random) + "/" + events.sample(random);
        };
    }

    private void send(String topic, @Nullable String key, byte @Nullable [] value) {
        send(new ProducerRecord<>(topic, key, value));
    }

    /** What the broker refuses is no concern of a hostile client; it goes on with the next. */
    @SuppressWarnings("FutureReturnValueIgnored")
    private void send(ProducerRecord<String, byte[]> record) {
        producer.send(record);
    }

    private interface Strike {
        void strike(Random random) throws Exception;
    }

    private static Assault of(String kind, Strike strike) {
        return new Assault() {
            @Override
            public String kind() {
                return kind;
            }

            @Override
            public void strike(Random random) throws Exception {
                strike.strike(random);
            }
        };
    }

    /** Waits until the cluster has everything. */
    @Override
    public void close() {
        producer.close();
    }
}
