package dev.reelrank.bus.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.event.RetryRequested;
import dev.reelrank.pipeline.event.WorkItem;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

class EventCodecTest {
    private static final EventCodec CODEC = new EventCodec();
    private static final RetryRequested RETRY =
            new RetryRequested("run", "sample", "me", Instant.ofEpochSecond(1));

    @Property(tries = 200)
    void shouldReturnEveryEventAsItWas(@ForAll long seed) {
        for (Event event : new RandomEvents(seed).oneOfEach()) {
            assertThat(CODEC.decode(CODEC.encode(event)))
                    .usingRecursiveComparison()
                    // NaN is a value like any other here.
                    .withEqualsForType(Double::equals, Double.class)
                    .isEqualTo(event);
        }
    }

    @Property(tries = 300)
    void shouldCallDamagedBytesUndecodableAndNeverFailOtherwise(@ForAll long seed) {
        var random = new Random(seed);
        var events = new RandomEvents(seed).oneOfEach();
        byte[] bytes = CODEC.encode(events.get(random.nextInt(events.size())));
        for (int n = 1 + random.nextInt(4); n > 0; n--) {
            bytes[10 + random.nextInt(bytes.length - 10)] = (byte) random.nextInt();
        }
        byte[] damaged = Arrays.copyOf(bytes, bytes.length - random.nextInt(2) * random.nextInt(5));
        try {
            assertThat(CODEC.decode(damaged)).isNotNull();
        } catch (StageException e) {
            assertThat(e.code()).isIn(FailureCode.UNDECODABLE, FailureCode.UNKNOWN_SCHEMA);
        }
    }

    @Test
    void shouldSayUndecodableWhenBytesAreNoEvent() {
        for (byte[] bytes :
                List.of(
                        new byte[0],
                        new byte[9],
                        "{\"json\": true}".getBytes(UTF_8),
                        new byte[100])) {
            assertThat(failure(bytes)).isEqualTo(FailureCode.UNDECODABLE);
        }
    }

    @Test
    void shouldSayUndecodableWhenBytesAreCutOffOrLeftOver() {
        byte[] bytes = CODEC.encode(RETRY);

        assertThat(failure(Arrays.copyOf(bytes, bytes.length - 1)))
                .isEqualTo(FailureCode.UNDECODABLE);
        assertThat(failure(Arrays.copyOf(bytes, bytes.length + 1)))
                .isEqualTo(FailureCode.UNDECODABLE);
    }

    @Test
    void shouldSayUndecodableWithoutAllocatingWhenALengthIsDamaged() {
        byte[] bytes = Arrays.copyOf(CODEC.encode(RETRY), 30);
        // The length of the first string: 2^30 - 1 in zigzag.
        System.arraycopy(
                new byte[] {(byte) 0xFE, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x07},
                0,
                bytes,
                10,
                5);

        assertThat(failure(bytes)).isEqualTo(FailureCode.UNDECODABLE);
    }

    @Test
    void shouldAskForAnUpgradeWhenTheSchemaIsNewer() {
        byte[] bytes = CODEC.encode(RETRY);
        bytes[5] ^= 1;

        assertThatThrownBy(() -> CODEC.decode(bytes))
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.UNKNOWN_SCHEMA))
                .hasMessageContaining("upgrade");
    }

    @Test
    void shouldReadBytesOfAnOlderVersion() {
        String name = "\"name\":\"RetryRequested\",\"namespace\":\"dev.reelrank.pipeline.event\"";
        String fields =
                """
                {"name":"runId","type":"string"},{"name":"sampleId","type":"string"},
                {"name":"at","type":{"type":"long","logicalType":"timestamp-micros"}}""";
        Schema old = parse("{\"type\":\"record\"," + name + ",\"fields\":[" + fields + "]}");
        Schema now =
                parse(
                        "{\"type\":\"record\",%s,\"fields\":[%s,{\"name\":\"by\",\"type\":\"string\",\"default\":\"nobody\"}]}"
                                .formatted(name, fields));
        var writer = new org.apache.avro.generic.GenericData.Record(old);
        writer.put("runId", "r");
        writer.put("sampleId", "s");
        writer.put("at", 5_000_000L);
        byte[] bytes = encode(old, writer);

        Event event =
                new EventCodec(List.of(now), Map.of(SchemaCatalog.fingerprint(old), old)::get)
                        .decode(bytes);

        assertThat(event)
                .isEqualTo(new RetryRequested("r", "s", "nobody", Instant.ofEpochSecond(5)));
    }

    @Test
    void shouldRefuseAResultOfAnotherStage() {
        WorkItem prompt = new RandomEvents(1).work(StageName.PROMPT);
        WorkItem grade = new RandomEvents(1).work(StageName.GRADE);
        var mixed = new WorkItem(prompt.work(), 1, prompt.emittedAt(), grade.request());

        assertThatThrownBy(() -> CODEC.encode(mixed))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PromptRequest")
                .hasMessageContaining("GradeRequest");
    }

    @Test
    void shouldNameTheComponentThatIsNull() {
        assertThatThrownBy(() -> CODEC.encode(new RetryRequested("r", null, "me", Instant.EPOCH)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("sampleId");
    }

    @Test
    void shouldNameTheFieldWhenSchemaAndRecordDiffer() {
        String head =
                "{\"type\":\"record\",\"name\":\"RunClosed\",\"namespace\":\"dev.reelrank.pipeline.event\",\"fields\":[";
        String run = "{\"name\":\"runId\",\"type\":\"string\"},";
        String submission = "{\"name\":\"submissionId\",\"type\":\"string\"},";
        String count = "{\"name\":\"count\",\"type\":\"int\"},";
        String at =
                "{\"name\":\"at\",\"type\":{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}}]}";

        assertRefused(head + run + count + at, "submissionId");
        assertRefused(
                head + run + submission + "{\"name\":\"more\",\"type\":\"int\"}," + count + at,
                "more");
        assertRefused(head + run + submission + count.replace("int", "long") + at, "count");
        assertRefused(
                head + run + submission.replace("\"string\"", "[\"null\",\"string\"]") + count + at,
                "submissionId");
    }

    private static void assertRefused(String schema, String field) {
        assertThatThrownBy(() -> new EventCodec(List.of(parse(schema)), fingerprint -> null))
                .isInstanceOf(MappingException.class)
                .hasMessageContaining(field);
    }

    private static Schema parse(String text) {
        return new Schema.Parser().parse(text);
    }

    private static byte[] encode(Schema schema, org.apache.avro.generic.GenericRecord value) {
        try {
            var encoder =
                    new org.apache.avro.message.BinaryMessageEncoder<
                            org.apache.avro.generic.GenericRecord>(
                            new org.apache.avro.generic.GenericData(), schema);
            var buffer = encoder.encode(value);
            var bytes = new byte[buffer.remaining()];
            buffer.get(bytes);
            return bytes;
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
    }

    private static FailureCode failure(byte[] bytes) {
        return catchThrowableOfType(StageException.class, () -> CODEC.decode(bytes)).code();
    }
}
