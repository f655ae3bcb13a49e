package dev.reelrank.torch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.bytedeco.pytorch.Tensor;

/** The tensors of a model folder: one safetensors file, or the shards that an index names. */
public final class Checkpoint implements TensorSource {
    private final Path location;
    private final Map<String, SafetensorsFile> owners;
    private final List<SafetensorsFile> files;

    private Checkpoint(Path location, List<SafetensorsFile> files) {
        this.location = location;
        this.files = files;
        this.owners = new LinkedHashMap<>();
        for (var file : files) {
            for (String name : file.names()) {
                var other = owners.put(name, file);
                if (other != null) {
                    throw new StageException(
                            FailureCode.MODEL_MISMATCH,
                            "tensor '%s' is in both %s and %s"
                                    .formatted(name, other.path(), file.path()));
                }
            }
        }
    }

    /**
     * Opens a safetensors file, or a folder with one {@code *.safetensors.index.json} and the
     * shards it names, or with exactly one {@code *.safetensors}.
     *
     * @throws StageException MODEL_MISSING or MODEL_MISMATCH naming the file
     */
    public static Checkpoint open(Path fileOrFolder) {
        if (Files.isRegularFile(fileOrFolder)) {
            return new Checkpoint(fileOrFolder, List.of(SafetensorsFile.open(fileOrFolder)));
        }
        List<Path> indexes = matching(fileOrFolder, "*.safetensors.index.json");
        if (indexes.size() > 1) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH, fileOrFolder + " has several indexes: " + indexes);
        }
        List<Path> paths =
                indexes.isEmpty()
                        ? matching(fileOrFolder, "*.safetensors")
                        : shards(indexes.get(0));
        if (paths.isEmpty()) {
            throw new StageException(
                    FailureCode.MODEL_MISSING,
                    "no *.safetensors file in " + fileOrFolder + ": download the model into it");
        }
        if (indexes.isEmpty() && paths.size() > 1) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    fileOrFolder + " has several safetensors files and no index: " + paths);
        }
        var opened = new ArrayList<SafetensorsFile>();
        try {
            paths.forEach(path -> opened.add(SafetensorsFile.open(path)));
            return new Checkpoint(fileOrFolder, opened);
        } catch (RuntimeException e) {
            opened.forEach(SafetensorsFile::close);
            throw e;
        }
    }

    private static List<Path> matching(Path folder, String glob) {
        if (!Files.isDirectory(folder)) {
            throw new StageException(
                    FailureCode.MODEL_MISSING, "no folder " + folder + ": download the model");
        }
        var found = new ArrayList<Path>();
        try (var entries = Files.newDirectoryStream(folder, glob)) {
            entries.forEach(found::add);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + folder, e);
        }
        Collections.sort(found);
        return found;
    }

    private static List<Path> shards(Path index) {
        try {
            JsonNode map = new ObjectMapper().readTree(index.toFile()).path("weight_map");
            var names = new TreeSet<String>();
            map.forEach(shard -> names.add(shard.asText()));
            if (names.isEmpty()) {
                throw new StageException(
                        FailureCode.MODEL_MISMATCH, index + " names no shard in its weight_map");
            }
            return names.stream().map(index::resolveSibling).toList();
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH, index + " cannot be read as JSON", e);
        }
    }

    /**
     * Starts to read a large checkpoint into the system's cache, file by file, ahead of the code
     * that takes its tensors in about that order. Close it when the tensors are taken.
     */
    public ReadAhead readAhead() {
        return ReadAhead.start(files.stream().map(SafetensorsFile::path).toList());
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(owners.keySet());
    }

    @Override
    public boolean has(String name) {
        return owners.containsKey(name);
    }

    /** What the header says of a tensor that is there. */
    public TensorInfo info(String name) {
        return Objects.requireNonNull(owner(name).tensors().get(name));
    }

    /** The tensor as stored: a view of the mapped file, belonging to the open scope. */
    public Tensor stored(String name) {
        return owner(name).tensor(name);
    }

    @Override
    public Tensor read(String name, TorchDevice device, DType dtype, long... shape) {
        SafetensorsFile file = owner(name);
        TensorInfo info = Objects.requireNonNull(file.tensors().get(name));
        if (!info.hasShape(shape)) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "tensor '%s' of %s has the shape %s, but this model's configuration needs %s"
                            .formatted(
                                    name,
                                    file.path(),
                                    Arrays.toString(info.shape()),
                                    Arrays.toString(shape)));
        }
        if (info.dtype() != dtype && !(info.dtype().isFloating() && dtype.isFloating())) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "tensor '%s' of %s holds %s, but this model needs %s"
                            .formatted(
                                    name,
                                    file.path(),
                                    info.dtype().safetensorsName(),
                                    dtype.safetensorsName()));
        }
        Tensor stored = file.tensor(name);
        // To a GPU as stored, and converted there: half the bytes cross for a widened type, and the
        // host never holds a second copy.
        Tensor placed =
                device.isCuda()
                        ? device.place(device.place(stored, info.dtype()), dtype)
                        : device.place(stored, dtype);
        requireFinite(placed, stored, name, file, dtype);
        return placed;
    }

    /**
     * Looked at where the tensor went, so that a GPU does it; also finds what overflows the type.
     */
    private static void requireFinite(
            Tensor placed, Tensor stored, String name, SafetensorsFile file, DType dtype) {
        if (Ops.isFinite(placed)) {
            return;
        }
        throw new StageException(
                FailureCode.MODEL_MISMATCH,
                Ops.isFinite(stored)
                        ? "tensor '%s' of %s has values past the range of %s: choose a wider precision"
                                .formatted(name, file.path(), dtype.safetensorsName())
                        : "tensor '%s' of %s holds values that are not finite (NaN or infinite): download it again"
                                .formatted(name, file.path()));
    }

    private SafetensorsFile owner(String name) {
        SafetensorsFile file = owners.get(name);
        if (file == null) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "tensor '%s' is missing in %s (%d tensors there)"
                            .formatted(name, location, owners.size()));
        }
        return file;
    }

    @Override
    public String location() {
        return location.toString();
    }

    @Override
    public void close() {
        files.forEach(SafetensorsFile::close);
    }
}
