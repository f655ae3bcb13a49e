package dev.reelrank.perception;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.GitLfsPointer;
import dev.reelrank.pipeline.Sha256;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A model's folder: {@code manifest.json} and the files it names.
 *
 * <p>Opening reads the manifest and checks that every file is there with its size; nothing is
 * loaded.
 */
public final class OnnxFolder {
    private static final int FORMAT = 1;
    private static final long WHOLE = 64L << 20;
    private static final long LARGE = 128L << 20;
    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private final Path path;
    private final Manifest manifest;

    private OnnxFolder(Path path, Manifest manifest) {
        this.path = path;
        this.manifest = manifest;
    }

    /**
     * Reads the manifest of an exported model.
     *
     * @param model dinov3, sam3 or clip
     * @throws StageException MODEL_MISSING or MODEL_MISMATCH, with the file and the remedy
     */
    public static OnnxFolder open(Path path, String model) {
        var file = path.resolve("manifest.json");
        if (!Files.isRegularFile(file)) {
            throw new StageException(
                    FailureCode.MODEL_MISSING,
                    ("no %s model in %s: there is no manifest.json; create the folder with"
                                    + " modules/perception/export/export.py %s CHECKPOINT %s")
                            .formatted(model, path, model, path));
        }
        GitLfsPointer.refuse(file);
        @Nullable Manifest manifest;
        try {
            manifest = JSON.readValue(file.toFile(), Manifest.class);
        } catch (JsonProcessingException e) {
            throw mismatch(file + " is not a model manifest: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new StageException(FailureCode.MODEL_MISSING, file + " cannot be read", e);
        }
        if (manifest == null) {
            throw mismatch(file + " is not a model manifest: it is null", null);
        }
        if (manifest.format() != FORMAT || !model.equals(manifest.model())) {
            throw mismatch(
                    "%s describes a %s model in format %d, but a %s model in format %d is needed; export it again"
                            .formatted(file, manifest.model(), manifest.format(), model, FORMAT),
                    null);
        }
        var folder = new OnnxFolder(path, manifest);
        manifest.files().forEach(folder::requireSize);
        return folder;
    }

    private void requireSize(String name, Manifest.FileEntry entry) {
        var file = path.resolve(name);
        GitLfsPointer.refuse(file);
        try {
            long found = Files.size(file);
            if (found != entry.bytes()) {
                throw mismatch(
                        "%s has %d bytes, its manifest says %d; copy or export the folder again"
                                .formatted(file, found, entry.bytes()),
                        null);
            }
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.MODEL_MISSING,
                    file + " is named in the folder's manifest but is missing; copy it again",
                    e);
        }
    }

    public Path path() {
        return path;
    }

    /** What the model can not do, for people; may be empty. */
    public String limits() {
        return manifest.limits() == null ? "" : manifest.limits();
    }

    /** A constant of the checkpoint, for example {@code concentrationCentre}. */
    public double constant(String name) {
        var value = manifest.constants().get(name);
        if (value == null) {
            throw mismatch(
                    "%s has no constant %s; export it again"
                            .formatted(path.resolve("manifest.json"), name),
                    null);
        }
        return value;
    }

    /** Size of all files, bytes. */
    public long bytes() {
        return manifest.files().values().stream().mapToLong(Manifest.FileEntry::bytes).sum();
    }

    /** Whether a graph has a float16 variant, which is used on a GPU. */
    public boolean hasHalf() {
        return manifest.graphs().values().stream().anyMatch(g -> g.half() != null);
    }

    /**
     * Whether a float32 graph with its weights has more than 128 MiB, so that copies of them are
     * worth saving.
     */
    boolean isLarge(String graph) {
        var file = graph(graph).file();
        return bytes(file) + bytes(file + ".data") > LARGE;
    }

    private long bytes(String file) {
        var entry = manifest.files().get(file);
        return entry == null ? 0 : entry.bytes();
    }

    boolean has(String graph) {
        return manifest.graphs().containsKey(graph);
    }

    Manifest manifest() {
        return manifest;
    }

    Manifest.Graph graph(String name) {
        var graph = manifest.graphs().get(name);
        if (graph == null) {
            throw mismatch(
                    "%s has no graph %s; export it again"
                            .formatted(path.resolve("manifest.json"), name),
                    null);
        }
        return graph;
    }

    Manifest.TextSettings text() {
        var text = manifest.text();
        if (text == null) {
            throw mismatch(path.resolve("manifest.json") + " has no text settings", null);
        }
        return text;
    }

    /**
     * Compares files of up to 64 MiB with the manifest's hashes; larger ones are known by their
     * size.
     *
     * @throws StageException MODEL_MISMATCH when a file is not the one the manifest names
     */
    public void verify() {
        manifest.files()
                .forEach(
                        (name, entry) -> {
                            if (entry.bytes() <= WHOLE) {
                                requireHash(path.resolve(name), entry.sha256());
                            }
                        });
    }

    private static void requireHash(Path file, String expected) {
        try {
            var found = Sha256.of(Files.readAllBytes(file));
            if (!found.equals(expected)) {
                throw mismatch(
                        "%s was altered: its SHA-256 is %s, its manifest says %s; copy it again"
                                .formatted(file, found, expected),
                        null);
            }
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.MODEL_MISSING, file + " cannot be read: " + e.getMessage(), e);
        }
    }

    static StageException mismatch(String message, @Nullable Throwable e) {
        return new StageException(FailureCode.MODEL_MISMATCH, message, e);
    }
}
