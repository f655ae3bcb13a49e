package dev.reelrank.flow.topology;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.jsontype.NamedType;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.reelrank.flow.RunInput;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.stage.StageRequest;
import dev.reelrank.pipeline.stage.StageResult;
import dev.reelrank.pipeline.stage.StageSpec;
import dev.reelrank.pipeline.stage.Stages;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.stream.Stream;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * State records to bytes and back: one byte with the version of the format, then JSON. State stays
 * within flow; unknown properties are skipped, so that a component may be added, and a newer format
 * stops the process instead of being misread.
 */
final class StateSerde<T> implements Serde<T> {
    private static final byte FORMAT = 1;

    private final ObjectWriter writer;
    private final ObjectReader reader;

    /**
     * @param stages whose requests and results there may be
     */
    StateSerde(Class<T> type, Stages stages) {
        var mapper = mapper(stages);
        this.writer = mapper.writerFor(type);
        this.reader = mapper.readerFor(type);
    }

    @Override
    public Serializer<T> serializer() {
        return (topic, value) -> value == null ? null : write(value);
    }

    @Override
    public Deserializer<T> deserializer() {
        return (topic, bytes) -> bytes == null ? null : read(topic, bytes);
    }

    private byte[] write(T value) {
        var out = new ByteArrayOutputStream(1024);
        out.write(FORMAT);
        try {
            writer.writeValue(out, value);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + value.getClass().getName(), e);
        }
        return out.toByteArray();
    }

    private @Nullable T read(@Nullable String topic, byte[] bytes) {
        if (bytes.length == 0 || bytes[0] != FORMAT) {
            throw new StageException(
                    FailureCode.UNKNOWN_SCHEMA,
                    "the state in %s has format %d, this build knows %d: a newer version of Reelrank wrote it; upgrade this process"
                            .formatted(topic, bytes.length == 0 ? -1 : bytes[0], FORMAT));
        }
        try {
            return reader.readValue(bytes, 1, bytes.length - 1);
        } catch (IOException e) {
            throw new UncheckedIOException("the state in " + topic + " cannot be read", e);
        }
    }

    private static JsonMapper mapper(Stages stages) {
        var builder =
                JsonMapper.builder()
                        .addModule(new JavaTimeModule())
                        .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                        .addMixIn(StageName.class, Symbol.class);
        var rows = stages.all();
        named(builder, StageRequest.class, rows.stream().map(StageSpec::request));
        named(builder, StageResult.class, rows.stream().map(StageSpec::result));
        named(builder, RunInput.class, Stream.of(RunInput.class.getPermittedSubclasses()));
        return builder.build();
    }

    private static void named(
            JsonMapper.Builder builder, Class<?> type, Stream<? extends Class<?>> kinds) {
        builder.addMixIn(type, Named.class);
        kinds.forEach(kind -> builder.registerSubtypes(new NamedType(kind, kind.getSimpleName())));
    }

    /** A value of one of several types says which one it is. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    private interface Named {}

    /** A stage is its symbol. */
    private abstract static class Symbol {
        @JsonCreator
        static StageName ofSymbol(String symbol) {
            return StageName.ofSymbol(symbol);
        }

        @JsonValue
        abstract String symbol();
    }
}
