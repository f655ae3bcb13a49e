package dev.reelrank.hub.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.hub.checkpoint.Value.Tensor;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.file.WholeFile;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Writes a checkpoint of PyTorch as safetensors. */
public final class Convert {
    private static final int PIECE = 1 << 18;

    private Convert() {}

    /**
     * What was written.
     *
     * @param tensors count
     * @param bytes of the tensors
     * @param others keys of values that are no tensors, and were left out
     */
    public record Result(int tensors, long bytes, List<String> others) {}

    /**
     * Converts. The result appears under its name when it is complete.
     *
     * @param key of the dictionary to take where the file has several; empty to find it
     * @param overwrite whether a result that exists is replaced
     * @throws StageException MODEL_MISSING if there is no such file, MODEL_MISMATCH if it is no
     *     checkpoint of tensors or asks for code, INVALID_CONFIG if the result exists, OUT_OF_DISK
     */
    public static Result run(Path checkpoint, Path result, String key, boolean overwrite) {
        try (var archive = TorchArchive.open(checkpoint)) {
            if (!overwrite && Files.exists(result)) {
                throw new StageException(
                        FailureCode.INVALID_CONFIG,
                        result + " exists: give --overwrite to replace it, or another name");
            }
            var dict = StateDict.of(archive.value(), key, checkpoint);
            dict.tensors().forEach((name, tensor) -> requireInside(checkpoint, name, tensor));
            long bytes = dict.tensors().values().stream().mapToLong(Convert::bytes).sum();
            write(archive, dict.tensors(), result.toAbsolutePath(), bytes);
            return new Result(dict.tensors().size(), bytes, dict.others());
        } catch (FileAlreadyExistsException e) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG, e.getFile() + " is in the way: remove it", e);
        } catch (IOException e) {
            throw failure(checkpoint, result, e);
        }
    }

    private static RuntimeException failure(Path checkpoint, Path result, IOException e) {
        if (String.valueOf(e.getMessage()).contains("No space left")) {
            return new StageException(
                    FailureCode.OUT_OF_DISK, "no space left for " + result + ": make room", e);
        }
        return new StageException(
                FailureCode.MODEL_MISMATCH,
                "cannot convert %s to %s: %s".formatted(checkpoint, result, e.getMessage()),
                e);
    }

    private static void write(
            TorchArchive archive, Map<String, Tensor> tensors, Path result, long bytes)
            throws IOException {
        Path folder = result.getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG, "no folder " + folder + " for " + result);
        }
        if (Files.getFileStore(folder).getUsableSpace() < bytes * 1.05) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK,
                    "%s needs %.1f GB, which are not free: make room"
                            .formatted(result, bytes * 1.05 / 1e9));
        }
        WholeFile.write(
                result,
                part -> {
                    try (var out = new BufferedOutputStream(Files.newOutputStream(part), PIECE)) {
                        out.write(header(tensors));
                        for (Tensor tensor : tensors.values()) {
                            copy(archive, tensor, out);
                        }
                    }
                },
                WholeFile.Care.ONE_WRITER);
    }

    private static byte[] header(Map<String, Tensor> tensors) {
        ObjectNode header = new ObjectMapper().createObjectNode();
        header.putObject("__metadata__").put("format", "pt");
        long offset = 0;
        for (var entry : tensors.entrySet()) {
            var node = header.putObject(entry.getKey());
            node.put("dtype", entry.getValue().type().name());
            entry.getValue().shape().forEach(node.putArray("shape")::add);
            long end = offset + bytes(entry.getValue());
            node.putArray("data_offsets").add(offset).add(end);
            offset = end;
        }
        byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
        // The data begins at a multiple of 8, so that every tensor that begins aligned stays so.
        int length = (json.length + 7) / 8 * 8;
        var bytes = ByteBuffer.allocate(8 + length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(length).put(json);
        while (bytes.hasRemaining()) {
            bytes.put((byte) ' ');
        }
        return bytes.array();
    }

    private static long elements(Tensor tensor) {
        return tensor.shape().stream().reduce(1L, Math::multiplyExact);
    }

    private static long bytes(Tensor tensor) {
        return Math.multiplyExact(elements(tensor), (long) tensor.type().bytes());
    }

    /** A view that reaches behind its storage would read another tensor's bytes, or none. */
    private static void requireInside(Path path, String name, Tensor tensor) {
        try {
            boolean fits = tensor.shape().size() == tensor.strides().size();
            long last = tensor.offset();
            boolean empty = false;
            for (int i = 0; fits && i < tensor.shape().size(); i++) {
                empty |= tensor.shape().get(i) == 0;
                last =
                        Math.addExact(
                                last,
                                Math.multiplyExact(
                                        Math.max(0, tensor.shape().get(i) - 1),
                                        tensor.strides().get(i)));
            }
            long end = Math.multiplyExact(last + 1, (long) tensor.type().bytes());
            long size =
                    Math.multiplyExact(
                            tensor.storage().elements(), (long) tensor.storage().type().bytes());
            // Only a view that repeats elements is larger than what it views; nobody saves one.
            boolean inside = end <= size && bytes(tensor) <= size;
            if (fits && (empty || inside)) {
                return;
            }
        } catch (ArithmeticException e) {
            // More than a file can hold.
        }
        throw new StageException(
                FailureCode.MODEL_MISMATCH,
                "%s has a tensor '%s' that lies outside its storage".formatted(path, name));
    }

    private static void copy(TorchArchive archive, Tensor tensor, OutputStream out)
            throws IOException {
        if (elements(tensor) == 0) {
            return;
        }
        try (var in = archive.storage(tensor.storage())) {
            if (isContiguous(tensor)) {
                in.skipNBytes(tensor.offset() * tensor.type().bytes());
                copy(in, bytes(tensor), out);
            } else {
                gather(in, tensor, out);
            }
        }
    }

    private static boolean isContiguous(Tensor tensor) {
        long expected = 1;
        for (int i = tensor.shape().size() - 1; i >= 0; i--) {
            long length = tensor.shape().get(i);
            if (length != 1 && tensor.strides().get(i) != expected) {
                return false;
            }
            expected *= length;
        }
        return true;
    }

    private static void copy(InputStream in, long count, OutputStream out) throws IOException {
        var piece = new byte[PIECE];
        for (long left = count; left > 0; ) {
            int read = in.read(piece, 0, (int) Math.min(piece.length, left));
            if (read < 0) {
                throw endsEarly(left);
            }
            out.write(piece, 0, read);
            left -= read;
        }
    }

    private static IOException endsEarly(long bytes) {
        return new IOException("a storage ends " + bytes + " bytes too early");
    }

    /** A transposed tensor, for example: its elements in the order of its axes. */
    private static void gather(InputStream in, Tensor tensor, OutputStream out) throws IOException {
        long size = tensor.storage().elements() * tensor.storage().type().bytes();
        if (size > Integer.MAX_VALUE - 16) {
            throw new IOException("a transposed tensor in a storage of " + size + " bytes");
        }
        byte[] storage = in.readNBytes((int) size);
        if (storage.length < size) {
            throw endsEarly(size - storage.length);
        }
        int width = tensor.type().bytes();
        int axes = tensor.shape().size();
        var index = new long[axes];
        long at = tensor.offset();
        for (long n = elements(tensor); n > 0; n--) {
            out.write(storage, Math.toIntExact(at * width), width);
            for (int axis = axes - 1; axis >= 0; axis--) {
                at += tensor.strides().get(axis);
                if (++index[axis] < tensor.shape().get(axis)) {
                    break;
                }
                at -= tensor.strides().get(axis) * tensor.shape().get(axis);
                index[axis] = 0;
            }
        }
    }
}
