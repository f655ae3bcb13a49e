package dev.reelrank.perception;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * A model's folder: {@code manifest.json} and the files it names.
 *
 * <p>Opening reads the manifest and checks that every file is there with its size; nothing is
 * loaded.
 */
public final class OnnxFolder {
    private static final int FORMAT = 1;
    private static final long WHOLE = 64L << 20;
    private static final int BLOCK = 1 << 20;
    private static final JsonMapper JSON =
            JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    private final Path path;
    private final Manifest manifest;

    private OnnxFolder(Path path, Manifest manifest) {
        this.path = path;
        this.manifest = manifest;
    }

    /**
     * @param model dinov3, sam3 or clip
     * @throws StageException MODEL_MISSING or MODEL_MISMATCH, with the file and the remedy
     */
    public static OnnxFolder open(Path path, String model) {
        var file = path.resolve("manifest.json");
        if (!Files.isRegularFile(file)) {
            throw new StageException(
                    FailureCode.MODEL_MISSING,
                    ("no %s model in %s: there is no manifest.json; make the folder with"
                                    + " modules/perception/export/export.py %s CHECKPOINT %s")
                            .formatted(model, path, model, path));
        }
        Manifest manifest;
        try {
            manifest = JSON.readValue(file.toFile(), Manifest.class);
        } catch (JsonProcessingException e) {
            throw mismatch(file + " is not a model manifest: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new StageException(FailureCode.MODEL_MISSING, file + " cannot be read", e);
        }
        if (manifest.format() != FORMAT || !model.equals(manifest.model())) {
            throw mismatch(
                    "%s describes a %s model in format %d, wanted is %s in format %d; export it again"
                            .formatted(file, manifest.model(), manifest.format(), model, FORMAT),
                    null);
        }
        var folder = new OnnxFolder(path, manifest);
        manifest.files().forEach(folder::requireSize);
        return folder;
    }

    private void requireSize(String name, Manifest.FileEntry entry) {
        var file = path.resolve(name);
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
                    file + " is missing though the folder's manifest names it; copy it again",
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

    /** Whether a graph has a float16 variant. */
    boolean hasHalf() {
        return manifest.graphs().values().stream().anyMatch(g -> g.half() != null);
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
            throw mismatch(path.resolve("manifest.json") + " says nothing about text", null);
        }
        return text;
    }

    /**
     * Hashes of the folder's files, for the stage's fingerprint: of the whole file up to 64 MiB,
     * which must be the manifest's; of its size and the first, last and every 64th MiB above.
     *
     * @throws StageException MODEL_MISMATCH when a file is not the one the manifest names
     */
    public Map<String, String> fingerprint() {
        var parts = new TreeMap<String, String>();
        manifest.files()
                .forEach(
                        (name, entry) ->
                                parts.put(manifest.model() + "/" + name, hash(name, entry)));
        parts.put(manifest.model() + "/manifest.json", hash(path.resolve("manifest.json"), true));
        return parts;
    }

    private String hash(String name, Manifest.FileEntry entry) {
        boolean whole = entry.bytes() <= WHOLE;
        var found = hash(path.resolve(name), whole);
        if (whole && !found.equals(entry.sha256())) {
            throw mismatch(
                    "%s was altered: its SHA-256 is %s, its manifest says %s; copy it again"
                            .formatted(path.resolve(name), found, entry.sha256()),
                    null);
        }
        return found;
    }

    private static String hash(Path file, boolean whole) {
        try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
            var digest = MessageDigest.getInstance("SHA-256");
            long size = channel.size();
            long step = whole ? BLOCK : WHOLE;
            var buffer = ByteBuffer.allocate(BLOCK);
            if (!whole) {
                digest.update(ByteBuffer.allocate(8).putLong(0, size));
            }
            for (long at = 0; at < size; at += step) {
                update(digest, channel, buffer, at);
            }
            if (!whole) {
                update(digest, channel, buffer, Math.max(0, size - BLOCK));
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.MODEL_MISSING, file + " cannot be read: " + e.getMessage(), e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static void update(
            MessageDigest digest, FileChannel channel, ByteBuffer buffer, long at)
            throws IOException {
        buffer.clear();
        while (buffer.hasRemaining() && channel.read(buffer, at + buffer.position()) >= 0) {}
        digest.update(buffer.flip());
    }

    static StageException mismatch(String message, @org.jspecify.annotations.Nullable Throwable e) {
        return new StageException(FailureCode.MODEL_MISMATCH, message, e);
    }
}
