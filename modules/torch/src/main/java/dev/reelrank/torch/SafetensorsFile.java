package dev.reelrank.torch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * One safetensors file, mapped: 8 bytes of header length (little endian), a JSON header, then the
 * tensors' bytes.
 *
 * <p>Nothing is copied on the host: a tensor of the wanted type on the CPU is a view of the mapping
 * and keeps it alive after this file is closed. Files have no size limit. The pages touched are
 * page cache, which the system takes back when it needs memory.
 */
public final class SafetensorsFile implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long MAX_HEADER = 256L << 20;

    private final Path path;
    private final long base;
    private final Map<String, TensorInfo> tensors;
    private final Map<String, String> metadata;
    private @Nullable Tensor mapping;

    private SafetensorsFile(
            Path path, long base, Map<String, TensorInfo> tensors, Map<String, String> metadata) {
        this.path = path;
        this.base = base;
        this.tensors = Collections.unmodifiableMap(tensors);
        this.metadata = Collections.unmodifiableMap(metadata);
    }

    /**
     * Reads and checks the header.
     *
     * @throws StageException MODEL_MISSING when there is no such file, MODEL_MISMATCH when it is
     *     truncated or no safetensors file
     */
    public static SafetensorsFile open(Path path) {
        if (!Files.isRegularFile(path)) {
            throw new StageException(
                    FailureCode.MODEL_MISSING, "no file " + path + ": download it again");
        }
        try (var channel = FileChannel.open(path)) {
            long size = channel.size();
            if (size < 10) {
                throw broken(path, "has only " + size + " bytes");
            }
            long length = readFully(channel, 0, 8, path).getLong();
            if (length < 2 || length > Math.min(MAX_HEADER, size - 8)) {
                throw broken(path, "says its header has " + length + " bytes of " + size);
            }
            byte[] header = readFully(channel, 8, (int) length, path).array();
            JsonNode json = JSON.readTree(new String(header, StandardCharsets.UTF_8));
            var tensors = new LinkedHashMap<String, TensorInfo>();
            var metadata = new LinkedHashMap<String, String>();
            for (var field : json.properties()) {
                if (field.getKey().equals("__metadata__")) {
                    field.getValue()
                            .properties()
                            .forEach(m -> metadata.put(m.getKey(), m.getValue().asText()));
                } else {
                    var info = parse(path, field.getKey(), field.getValue());
                    if (8 + length + info.end() > size) {
                        throw broken(
                                path,
                                "is truncated: tensor '%s' ends at byte %d, the file at %d"
                                        .formatted(field.getKey(), 8 + length + info.end(), size));
                    }
                    tensors.put(field.getKey(), info);
                }
            }
            return new SafetensorsFile(path, 8 + length, tensors, metadata);
        } catch (JsonProcessingException e) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH, path + " has no readable safetensors header", e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + path, e);
        }
    }

    private static ByteBuffer readFully(FileChannel channel, long position, int count, Path path)
            throws IOException {
        var buffer = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            int read = channel.read(buffer, position + buffer.position());
            if (read < 0) {
                throw broken(path, "ends inside its header");
            }
        }
        return buffer.flip();
    }

    private static TensorInfo parse(Path path, String name, JsonNode node) {
        String where = "tensor '" + name + "' of " + path;
        JsonNode offsets = node.path("data_offsets");
        if (!node.path("dtype").isTextual()
                || !node.path("shape").isArray()
                || offsets.size() != 2) {
            throw broken(path, "describes tensor '" + name + "' without dtype, shape or offsets");
        }
        DType dtype = DType.parse(node.path("dtype").asText(), where);
        long[] shape = new long[node.path("shape").size()];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = node.path("shape").get(i).asLong(-1);
        }
        var info =
                new TensorInfo(dtype, shape, offsets.get(0).asLong(-1), offsets.get(1).asLong(-1));
        boolean negative = info.begin() < 0 || info.end() < info.begin();
        for (long length : shape) {
            negative |= length < 0;
        }
        if (negative || info.elements() * dtype.bytes() != info.end() - info.begin()) {
            throw broken(
                    path,
                    "gives tensor '%s' of %s the bytes %d to %d"
                            .formatted(name, info, info.begin(), info.end()));
        }
        return info;
    }

    private static StageException broken(Path path, String what) {
        return new StageException(
                FailureCode.MODEL_MISMATCH, path + " " + what + ": download it again");
    }

    public Path path() {
        return path;
    }

    public Set<String> names() {
        return tensors.keySet();
    }

    /** The tensors and where they lie, in the header's order. */
    public Map<String, TensorInfo> tensors() {
        return tensors;
    }

    /** The header's free-form texts. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /**
     * One tensor as stored, on the CPU, belonging to the open scope: a view of the mapping. Do not
     * write to it.
     */
    public Tensor tensor(String name) {
        TensorInfo info = tensors.get(name);
        if (info == null) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH, "tensor '" + name + "' is missing in " + path);
        }
        if (info.elements() == 0) {
            return torch.zeros(info.shape(), TorchDevice.cpu().options(info.dtype()));
        }
        Tensor bytes = mapped().narrow(0, base + info.begin(), info.end() - info.begin());
        if ((base + info.begin()) % info.dtype().bytes() != 0) {
            bytes = bytes.clone();
        }
        return bytes.view(info.dtype().scalarType()).view(info.shape());
    }

    private Tensor mapped() {
        if (mapping == null) {
            TorchRuntime.start();
            try {
                long size = Files.size(path);
                mapping =
                        TensorScope.outlive(
                                torch.from_file(
                                        path.toString(),
                                        new BoolOptional(false),
                                        new LongOptional(size),
                                        new TensorOptions(ScalarType.Byte)));
            } catch (IOException e) {
                throw new UncheckedIOException("cannot map " + path, e);
            }
        }
        return mapping;
    }

    /** Unmaps the file once no tensor views it any more. */
    @Override
    public void close() {
        if (mapping != null) {
            mapping.releaseReference();
            mapping = null;
        }
    }
}
