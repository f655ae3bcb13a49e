package dev.reelrank.alignment.pairs;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.file.WholeFile;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * VideoGPA's groups as they lie on disk: {@code {"groups": [{"group_id", "prompt",
 * "input_image_path", "videos": [{"video_path", "consistency_score", "motion_norm", …}]}]}}. Paths
 * are relative to the file. What is no such document is refused with its place, before anything is
 * done with it. Everything else that stands in it stays, numbers digit by digit.
 */
public final class GroupsDocument {
    /** How rigid a video is; lower is better. */
    public static final String SCORE = "consistency_score";

    /** Why a video has no score; a key of ours. */
    public static final String REASON = "consistency_reason";

    /** Which metric the score is; a key of ours, VideoGPA's documents have none. */
    public static final String METRIC = "consistency_metric";

    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                    .nodeFactory(JsonNodeFactory.withExactBigDecimals(true))
                    .build();

    private final Path file;
    private final JsonNode root;
    private final List<Group> groups = new ArrayList<>();

    /**
     * Videos of one prompt.
     *
     * @param place for example {@code groups[0]}
     * @param node the group itself
     */
    public record Group(String place, ObjectNode node, List<Video> videos) {}

    /**
     * One video; its file need not be there.
     *
     * @param place for example {@code groups[0].videos[2]}
     * @param node the video itself, to be written to
     */
    public record Video(String place, ObjectNode node, Path file) {
        /** The score, at least 0; null if it has none. */
        public @Nullable Double score() {
            return number(node, SCORE);
        }

        /** How far neighbouring frames differ; null if that is not said. */
        public @Nullable Double motion() {
            return number(node, MetricPairs.MOTION);
        }

        /** Which metric the score is; null if that is not said. */
        public @Nullable String metric() {
            return node.path(METRIC).textValue();
        }

        /** Whether it was looked at, with a score or without. */
        public boolean isScored() {
            return score() != null || node.has(REASON);
        }
    }

    private GroupsDocument(Path file, JsonNode root) {
        this.file = file;
        this.root = root;
    }

    /**
     * Reads a document.
     *
     * @throws StageException INVALID_CONFIG that names the file and the place
     */
    public static GroupsDocument read(Path file) {
        String text = text(file);
        if (text.isBlank()) {
            throw invalid(file, "it is empty; write {\"groups\": […]}", null);
        }
        try {
            var document = new GroupsDocument(file, JSON.readTree(text));
            document.readGroups();
            return document;
        } catch (JsonProcessingException e) {
            throw invalid(file, "it is not one JSON document: " + what(e), e);
        }
    }

    private static String text(Path file) {
        if (Files.isDirectory(file)) {
            throw invalid(file, "it is a folder; name the JSON document in it", null);
        }
        try {
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw invalid(file, "it is no text in UTF-8; save it as UTF-8", e);
        } catch (NoSuchFileException e) {
            throw invalid(file, "it is not there", e);
        } catch (IOException e) {
            throw invalid(file, "it cannot be read; is it yours to read?", e);
        }
    }

    /** The parser's own words speak of its settings, but for a key that is there twice. */
    private static String what(JsonProcessingException e) {
        String said = e.getOriginalMessage();
        JsonLocation at = e.getLocation();
        String fault = said.startsWith("Duplicate") ? said : "it is wrong, or more follows";
        return at == null
                ? fault
                : "%s, at line %d, column %d".formatted(fault, at.getLineNr(), at.getColumnNr());
    }

    private void readGroups() {
        JsonNode all = root.path("groups");
        if (all.isMissingNode()) {
            throw invalid("the key 'groups' is missing; it must be a list");
        }
        if (!all.isArray()) {
            throw invalid("'groups' must be a list");
        }
        for (int i = 0; i < all.size(); i++) {
            String place = "groups[" + i + "]";
            if (!(all.get(i) instanceof ObjectNode node)) {
                throw invalid(place + " must be an object with a prompt and videos");
            }
            JsonNode listed = node.path("videos");
            if (!listed.isArray()) {
                throw invalid(place + ".videos must be a list");
            }
            var videos = new ArrayList<Video>();
            for (int k = 0; k < listed.size(); k++) {
                videos.add(video(listed.get(k), "%s.videos[%d]".formatted(place, k)));
            }
            groups.add(new Group(place, node, List.copyOf(videos)));
        }
    }

    private Video video(JsonNode video, String place) {
        JsonNode path = video.path("video_path");
        if (!(video instanceof ObjectNode node) || !path.isTextual() || path.asText().isEmpty()) {
            throw invalid(place + " has no video_path, which must be the path of a file");
        }
        requireNumber(node, SCORE, place);
        requireNumber(node, MetricPairs.MOTION, place);
        return new Video(place, node, path(place + ".video_path", path.asText()));
    }

    private void requireNumber(ObjectNode node, String key, String place) {
        JsonNode value = node.path(key);
        boolean absent = value.isMissingNode() || value.isNull();
        double number = value.doubleValue();
        if (!absent && !(value.isNumber() && Double.isFinite(number) && number >= 0)) {
            throw invalid(
                    "%s.%s is %s; it must be a number from 0 on, or null"
                            .formatted(place, key, value));
        }
    }

    private static @Nullable Double number(ObjectNode node, String key) {
        JsonNode value = node.path(key);
        return value.isNumber() ? value.doubleValue() : null;
    }

    /** A path of the document, relative to it. */
    private Path path(String place, String name) {
        try {
            return file.toAbsolutePath().resolveSibling(name).normalize();
        } catch (InvalidPathException e) {
            throw invalid(file, place + " is no path: " + e.getReason(), e);
        }
    }

    /** The groups in their order. */
    public List<Group> groups() {
        return List.copyOf(groups);
    }

    /**
     * A file that the document names, if it is there.
     *
     * @param place what names it
     * @throws StageException INVALID_CONFIG if it is no file
     */
    public Path existing(String place, Path named) {
        if (!Files.isRegularFile(named)) {
            throw invalid("%s names %s, which is not a file".formatted(place, named));
        }
        return named;
    }

    /** A file named by a key of a group; null if the key is not there. */
    @Nullable Path existing(Group group, String key) {
        JsonNode name = group.node().path(key);
        if (name.isMissingNode() || name.isNull()) {
            return null;
        }
        String place = group.place() + "." + key;
        if (!name.isTextual()) {
            throw invalid(place + " must be the path of a file");
        }
        return existing(place, path(place, name.asText()));
    }

    /**
     * Writes the document whole in the place of the old one: where a link points to, and with its
     * permissions.
     */
    public void write() throws IOException {
        Path target = file.toRealPath();
        String text = JSON.writeValueAsString(root) + "\n";
        boolean posix = Files.getFileStore(target).supportsFileAttributeView("posix");
        Set<PosixFilePermission> rights = posix ? Files.getPosixFilePermissions(target) : Set.of();
        WholeFile.write(
                target,
                part -> {
                    if (posix) {
                        Files.createFile(part, PosixFilePermissions.asFileAttribute(rights));
                    }
                    Files.writeString(part, text);
                    if (posix) {
                        // What the process takes from new files it does not take from this one.
                        Files.setPosixFilePermissions(part, rights);
                    }
                });
    }

    /** That something in this document is wrong. */
    public StageException invalid(String what) {
        return invalid(file, what, null);
    }

    private static StageException invalid(Path file, String what, @Nullable Throwable cause) {
        return new StageException(FailureCode.INVALID_CONFIG, file + ": " + what, cause);
    }
}
