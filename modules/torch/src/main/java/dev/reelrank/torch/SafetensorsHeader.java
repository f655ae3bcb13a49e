package dev.reelrank.torch;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.GitLfsPointer;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The header of a safetensors file, under the rules of the format: at most 100 MB, no key twice,
 * and every byte after it belongs to one tensor.
 *
 * @param bytes where the tensors' bytes begin
 * @param tensors by name, in the header's order
 * @param metadata free-form texts
 */
record SafetensorsHeader(
        long bytes, Map<String, TensorInfo> tensors, Map<String, String> metadata) {
    /** The limit of the original library. */
    private static final long MOST = 100_000_000;

    private static final JsonFactory JSON =
            JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    /**
     * @throws StageException MODEL_MISMATCH that names the file and what breaks the format
     */
    static SafetensorsHeader read(FileChannel channel, Path path) throws IOException {
        long size = channel.size();
        GitLfsPointer.refuse(path);
        if (size < 10) {
            throw broken(path, "has only " + size + " bytes");
        }
        long length = readFully(channel, 0, 8, path).getLong();
        if (length < 2 || length > size - 8) {
            throw broken(path, "says its header has " + length + " bytes of " + size);
        }
        if (length > MOST) {
            throw broken(path, "has a header of " + length + " bytes; the format allows " + MOST);
        }
        String json = utf8(readFully(channel, 8, (int) length, path), path);
        try (JsonParser parser = JSON.createParser(json)) {
            var header = new Reader(path, parser).read(8 + length);
            header.requireCovered(path, size);
            return header;
        } catch (JsonProcessingException e) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    path + " has no readable safetensors header: " + e.getOriginalMessage(),
                    e);
        }
    }

    /** The format's only encoding; left alone, the parser would guess UTF-16 and UTF-32 too. */
    private static String utf8(ByteBuffer header, Path path) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(header).toString();
        } catch (CharacterCodingException e) {
            throw broken(path, "has a header that is not UTF-8");
        }
    }

    private static ByteBuffer readFully(FileChannel channel, long position, int count, Path path)
            throws IOException {
        var buffer = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            int read = channel.read(buffer, position + buffer.position());
            if (read < 0) {
                throw broken(path, "is truncated inside its header");
            }
        }
        return buffer.flip();
    }

    /** Every byte belongs to exactly one tensor. */
    private void requireCovered(Path path, long size) {
        var inOrder = new ArrayList<>(tensors.entrySet());
        inOrder.sort(
                Comparator.<Map.Entry<String, TensorInfo>>comparingLong(t -> t.getValue().begin())
                        .thenComparingLong(t -> t.getValue().end()));
        long end = 0;
        String before = "the header";
        for (var tensor : inOrder) {
            long begin = tensor.getValue().begin();
            if (begin != end) {
                throw broken(
                        path,
                        "has %s between %s and tensor '%s', at byte %d"
                                .formatted(
                                        begin < end ? "an overlap" : "a gap",
                                        before,
                                        tensor.getKey(),
                                        bytes + begin));
            }
            end = tensor.getValue().end();
            before = "tensor '" + tensor.getKey() + "'";
            if (end > size - bytes) {
                throw broken(
                        path,
                        "is truncated: %s ends at byte %d, the file at %d"
                                .formatted(before, bytes + end, size));
            }
        }
        if (bytes + end != size) {
            throw broken(
                    path, "has %d bytes that belong to no tensor".formatted(size - bytes - end));
        }
    }

    private static StageException broken(Path path, String what) {
        return new StageException(
                FailureCode.MODEL_MISMATCH, path + " " + what + ": download it again");
    }

    /** Goes through the JSON once. */
    private record Reader(Path path, JsonParser parser) {
        SafetensorsHeader read(long bytes) throws IOException {
            var tensors = new LinkedHashMap<String, TensorInfo>();
            var metadata = new LinkedHashMap<String, String>();
            require(parser.nextToken() == JsonToken.START_OBJECT, "begins with no object");
            for (String name = parser.nextFieldName();
                    name != null;
                    name = parser.nextFieldName()) {
                require(
                        parser.nextToken() == JsonToken.START_OBJECT,
                        "has no object for '" + name + "'");
                if (name.equals("__metadata__")) {
                    readMetadata(metadata);
                } else {
                    tensors.put(name, readTensor(name));
                }
            }
            require(parser.nextToken() == null, "goes on after its object");
            return new SafetensorsHeader(bytes, tensors, metadata);
        }

        private void readMetadata(Map<String, String> metadata) throws IOException {
            for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
                String value = parser.nextTextValue();
                if (value == null) {
                    value = parser.getValueAsString();
                }
                require(value != null, "has metadata '" + key + "' that is no text");
                metadata.put(key, value);
            }
        }

        private TensorInfo readTensor(String name) throws IOException {
            String dtype = null;
            long[] shape = null;
            long[] offsets = null;
            for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
                switch (key) {
                    case "dtype" -> dtype = parser.nextTextValue();
                    case "shape" -> shape = readNumbers(name);
                    case "data_offsets" -> offsets = readNumbers(name);
                    default -> {
                        parser.nextToken();
                        parser.skipChildren();
                    }
                }
            }
            if (dtype == null || shape == null || offsets == null || offsets.length != 2) {
                throw broken(
                        path, "describes tensor '" + name + "' without dtype, shape or offsets");
            }
            var type = DType.parse(dtype, "tensor '" + name + "' of " + path);
            var info = new TensorInfo(type, shape, offsets[0], offsets[1]);
            if (!fits(info)) {
                throw broken(
                        path,
                        "gives tensor '%s' of %s the bytes %d to %d"
                                .formatted(name, info, info.begin(), info.end()));
            }
            return info;
        }

        private long[] readNumbers(String name) throws IOException {
            require(
                    parser.nextToken() == JsonToken.START_ARRAY,
                    "describes tensor '" + name + "' without a list");
            var numbers = new ArrayList<Long>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                require(
                        parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                                && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER
                                && parser.getLongValue() >= 0,
                        "describes tensor '" + name + "' with " + parser.getText());
                numbers.add(parser.getLongValue());
            }
            return numbers.stream().mapToLong(Long::longValue).toArray();
        }

        private static boolean fits(TensorInfo info) {
            try {
                return Math.multiplyExact(info.elements(), (long) info.dtype().bytes())
                        == info.end() - info.begin();
            } catch (ArithmeticException e) {
                // More elements than a file can hold.
                return false;
            }
        }

        private void require(boolean holds, @Nullable String what) {
            if (!holds) {
                throw broken(path, "has a header that " + what);
            }
        }
    }
}
