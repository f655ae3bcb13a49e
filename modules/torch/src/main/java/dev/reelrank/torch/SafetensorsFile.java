package dev.reelrank.torch;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
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
            var header = SafetensorsHeader.read(channel, path);
            return new SafetensorsFile(path, header.bytes(), header.tensors(), header.metadata());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + path, e);
        }
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
