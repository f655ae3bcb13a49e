package dev.reelrank.hub.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.hub.content.ContentHash;
import dev.reelrank.hub.content.RepositoryFile;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.file.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@code models.lock.json} in the models folder: the commit of every model, and size and hash of
 * every file. Several processes may change it.
 */
public final class ModelsLock {
    private static final int VERSION = 1;

    /** Nobody holds it longer than it takes to write a few kilobytes. */
    private static final String LOCK = "models.lock.json";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path root;

    /**
     * Reads nothing yet.
     *
     * @param root the models folder; need not exist
     */
    public ModelsLock(Path root) {
        this.root = root;
    }

    /** The file. */
    public Path path() {
        return root.resolve("models.lock.json");
    }

    /**
     * The models by name; empty if there is no file.
     *
     * @throws StageException INVALID_CONFIG if it cannot be read
     */
    public Map<String, LockedModel> read() {
        var models = new TreeMap<String, LockedModel>();
        if (!Files.isRegularFile(path())) {
            return models;
        }
        try {
            JsonNode top = JSON.readTree(path().toFile());
            if (top.path("version").asInt() != VERSION) {
                throw new IllegalArgumentException(
                        "its version is "
                                + top.path("version")
                                + ", this program knows "
                                + VERSION);
            }
            for (var entry : top.path("models").properties()) {
                models.put(entry.getKey(), model(entry.getValue()));
            }
            return models;
        } catch (IOException | IllegalArgumentException e) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "cannot read %s: %s. Correct it, or move it away and fetch again: files that are there are checked, not fetched anew"
                            .formatted(path(), e.getMessage()),
                    e);
        }
    }

    /** Writes one model, and leaves the others as they are. */
    public void put(String name, LockedModel model) throws InterruptedException {
        try (var lock = FolderLock.take(root, LOCK, line -> {})) {
            var models = read();
            models.put(name, model);
            write(models);
        } catch (IOException e) {
            throw DiskFailure.of(path(), e);
        }
    }

    /**
     * Notes that a file has been seen with the right hash, so that it is not hashed again after an
     * interruption.
     *
     * @param changed time of its last change, in milliseconds since 1970
     */
    public void checked(String name, RepositoryFile file, long changed)
            throws InterruptedException {
        try (var lock = FolderLock.take(root, LOCK, line -> {})) {
            var models = read();
            var model = models.get(name);
            if (model != null) {
                var files =
                        model.files().stream()
                                .map(f -> f.file().equals(file) ? new LockedFile(file, changed) : f)
                                .toList();
                models.put(name, model.with(files, model.leftovers()));
                write(models);
            }
        } catch (IOException e) {
            throw DiskFailure.of(path(), e);
        }
    }

    private void write(Map<String, LockedModel> models) throws IOException {
        ObjectNode top = JSON.createObjectNode();
        top.put("version", VERSION);
        ObjectNode nodes = top.putObject("models");
        models.forEach((key, value) -> nodes.set(key, node(value)));
        WholeFile.write(path(), top.toPrettyString() + "\n", WholeFile.Care.ONE_WRITER);
    }

    private static ObjectNode node(LockedModel model) {
        ObjectNode node = JSON.createObjectNode();
        node.put("repository", model.repository());
        node.put("revision", model.revision());
        node.put("commit", model.commit());
        node.put("layout", model.layout().name().toLowerCase(Locale.ROOT));
        node.put("folder", model.folder());
        node.put("strip", model.strip());
        model.patterns().forEach(node.putArray("patterns")::add);
        var files = node.putArray("files");
        for (LockedFile locked : model.files()) {
            var file = files.addObject();
            file.put("path", locked.file().path());
            file.put("size", locked.file().size());
            file.put("hash", locked.file().hash().text());
            file.put("checked", locked.checked());
        }
        if (!model.leftovers().isEmpty()) {
            model.leftovers().forEach(node.putArray("leftovers")::add);
        }
        return node;
    }

    private static LockedModel model(JsonNode node) {
        var files = new ArrayList<LockedFile>();
        for (JsonNode file : node.path("files")) {
            files.add(
                    new LockedFile(
                            new RepositoryFile(
                                    file.path("path").asText(),
                                    file.path("size").asLong(-1),
                                    ContentHash.parse(file.path("hash").asText())),
                            file.path("checked").asLong()));
        }
        return new LockedModel(
                inside(text(node, "repository")),
                inside(text(node, "revision")),
                inside(text(node, "commit")),
                Layout.valueOf(text(node, "layout").toUpperCase(Locale.ROOT)),
                inside(text(node, "folder")),
                node.path("strip").asText(),
                texts(node.path("patterns")),
                files,
                texts(node.path("leftovers")).stream().map(ModelsLock::inside).toList());
    }

    private static String text(JsonNode node, String key) {
        String text = node.path(key).asText();
        if (text.isEmpty()) {
            throw new IllegalArgumentException("an entry lacks '" + key + "'");
        }
        return text;
    }

    /** What a lock file names is written and removed, so it must not lead out of the folder. */
    private static String inside(String path) {
        return new RepositoryFile(path, 0, ContentHash.parse("sha256:" + "0".repeat(64))).path();
    }

    private static List<String> texts(JsonNode array) {
        var texts = new ArrayList<String>();
        array.forEach(item -> texts.add(item.asText()));
        return texts;
    }
}
