package dev.reelrank.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.geometry.score.GeometryReport;
import dev.reelrank.geometry.score.GeometryVggt;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.file.WholeFile;
import dev.reelrank.video.VideoReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * VideoGPA's first step: writes {@code consistency_score} and {@code motion_norm} beside every
 * video of a groups document. After each video the document is written whole under another name and
 * moved into place, so a killed command loses one video at most; the next one goes on where it
 * ended. A video that is listed twice is scored once. All other keys stay as they are.
 */
final class GeometryGroups {
    private static final String SCORE = "consistency_score";
    private static final String MOTION = "motion_norm";
    private static final String REASON = "consistency_reason";
    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private final Path file;
    private final GeometryVggt score;
    private int scored;
    private int kept;
    private int without;

    GeometryGroups(Path file, GeometryVggt score) {
        this.file = file;
        this.score = score;
    }

    int run() throws IOException {
        JsonNode document = read();
        Map<String, ObjectNode> known = new HashMap<>();
        for (JsonNode video : document.findValues("videos")) {
            for (JsonNode one : video) {
                if (one instanceof ObjectNode node && isScored(node)) {
                    known.put(node.path("video_path").asText(), node);
                }
            }
        }
        int group = 0;
        for (JsonNode one : document.path("groups")) {
            int index = 0;
            for (JsonNode video : one.path("videos")) {
                score(document, video, "groups[%d].videos[%d]".formatted(group, index++), known);
            }
            group++;
        }
        System.err.printf(
                "%s: %d videos scored, %d had a score, %d have none (%s says why)%n",
                file, scored, kept, without, REASON);
        return ExitCode.OK;
    }

    private static boolean isScored(ObjectNode video) {
        return video.path(SCORE).isNumber() || video.has(REASON);
    }

    private void score(
            JsonNode document, JsonNode video, String place, Map<String, ObjectNode> known)
            throws IOException {
        String path = video.path("video_path").asText();
        if (!(video instanceof ObjectNode node) || path.isEmpty()) {
            throw invalid(place + " has no video_path", null);
        }
        if (isScored(node)) {
            kept++;
            return;
        }
        ObjectNode same = known.get(path);
        if (same != null) {
            copy(same, node);
            kept++;
        } else {
            GeometryReport report = measure(path, place);
            if (report.score() == null) {
                without++;
                node.putNull(SCORE);
                node.put(REASON, report.reason());
            } else {
                scored++;
                node.put(SCORE, report.score());
            }
            node.put(MOTION, report.motionNorm());
            node.put("consistency_metric", report.metric());
            known.put(path, node);
        }
        write(document);
    }

    private static void copy(ObjectNode from, ObjectNode to) {
        for (String key : new String[] {SCORE, MOTION, REASON, "consistency_metric"}) {
            if (from.has(key)) {
                to.set(key, from.get(key));
            }
        }
    }

    private GeometryReport measure(String path, String place) {
        Path video = file.toAbsolutePath().resolveSibling(path);
        if (!Files.isRegularFile(video)) {
            throw invalid("%s names %s, which is not a file".formatted(place, video), null);
        }
        try (var reader = VideoReader.open(video)) {
            return score.measure(reader.info().frames(), reader::frame);
        }
    }

    private JsonNode read() throws IOException {
        try {
            JsonNode document = JSON.readTree(Files.readString(file));
            if (!document.path("groups").isArray()) {
                throw invalid("the key 'groups' is missing; it must be a list", null);
            }
            return document;
        } catch (JsonProcessingException e) {
            throw invalid("it is not a JSON document: " + e.getOriginalMessage(), e);
        }
    }

    private void write(JsonNode document) throws IOException {
        WholeFile.write(file, JSON.writeValueAsString(document) + "\n");
    }

    private StageException invalid(String what, @Nullable Throwable cause) {
        return new StageException(FailureCode.INVALID_CONFIG, file + ": " + what, cause);
    }
}
