package dev.reelrank.torch;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.file.WholeFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Tensor;

/** Writes safetensors files, tensor by tensor and without a second copy of any. */
public final class SafetensorsWriter {
    private static final int CHUNK = 1 << 30;

    private SafetensorsWriter() {}

    /**
     * Writes the tensors in the map's order: the whole file or none of it. One process at a time
     * may write a path.
     *
     * @param metadata free-form texts for the header; may be empty
     * @throws StageException OUT_OF_DISK that names the path and says what to do
     */
    public static void write(Path path, Map<String, Tensor> tensors, Map<String, String> metadata) {
        ObjectNode header = new ObjectMapper().createObjectNode();
        if (!metadata.isEmpty()) {
            // In the order of its keys: the same content has the same bytes.
            new TreeMap<>(metadata).forEach(header.putObject("__metadata__")::put);
        }
        long offset = 0;
        for (var entry : tensors.entrySet()) {
            var node = header.putObject(entry.getKey());
            node.put("dtype", DType.of(entry.getValue()).safetensorsName());
            var shape = node.putArray("shape");
            for (long length : entry.getValue().shape()) {
                shape.add(length);
            }
            node.putArray("data_offsets").add(offset).add(offset + entry.getValue().nbytes());
            offset += entry.getValue().nbytes();
        }
        String text = header.toString();
        // The data starts at a multiple of 8, so that every tensor that begins aligned stays so.
        text += " ".repeat((8 - text.getBytes(StandardCharsets.UTF_8).length % 8) % 8);
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        try {
            WholeFile.write(path, part -> write(part, bytes, tensors), WholeFile.Care.ONE_WRITER);
        } catch (IOException e) {
            throw new StageException(FailureCode.OUT_OF_DISK, "cannot write " + e.getMessage(), e);
        }
    }

    private static void write(Path part, byte[] header, Map<String, Tensor> tensors)
            throws IOException {
        try (var channel =
                FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            writeFully(
                    channel,
                    ByteBuffer.allocate(8 + header.length)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putLong(header.length)
                            .put(header)
                            .flip());
            for (Tensor tensor : tensors.values()) {
                writeTensor(channel, tensor);
            }
        }
    }

    private static void writeTensor(FileChannel channel, Tensor tensor) throws IOException {
        try (var scope = TensorScope.open()) {
            Tensor host = TorchDevice.cpu().place(tensor, DType.of(tensor)).contiguous();
            long size = host.nbytes();
            for (long from = 0; from < size; from += CHUNK) {
                var part = new BytePointer(host.data_ptr()).getPointer(BytePointer.class, from);
                writeFully(channel, part.capacity(Math.min(CHUNK, size - from)).asByteBuffer());
            }
        }
    }

    private static void writeFully(FileChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }
}
