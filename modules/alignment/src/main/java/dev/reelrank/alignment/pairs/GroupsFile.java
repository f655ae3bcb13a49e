package dev.reelrank.alignment.pairs;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Ids;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.CandidateConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads VideoGPA's groups: {@code {"groups": [{"group_id", "prompt", "input_image_path", "videos":
 * [{"video_path", "consistency_score", "motion_norm", …}]}]}}. A group is a sample, its videos are
 * the candidates; keys that pairs do not need are passed over. Paths are relative to the file.
 */
public final class GroupsFile {
    /** The metric that a video's {@code consistency_score} becomes; lower is better. */
    public static final String CONSISTENCY = "consistency_score";

    private static final ObjectMapper JSON = JsonMapper.builder().build();

    private GroupsFile() {}

    /** VideoGPA's own rule: gap of at least 0.05, both sides move by at least 0.001. */
    public static MetricPairs.Rule rule() {
        return new MetricPairs.Rule(CONSISTENCY, false, 0.05, null, 0.001);
    }

    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Document(@Nullable List<Group> groups) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Group(
            @JsonProperty("group_id") @Nullable String id,
            @Nullable String prompt,
            @JsonProperty("input_image_path") @Nullable String image,
            @Nullable List<Video> videos) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Video(
            @JsonProperty("video_path") @Nullable String path,
            @JsonProperty(CONSISTENCY) @Nullable Double consistency,
            @JsonProperty(MetricPairs.MOTION) @Nullable Double motion) {}

    /**
     * Reads the groups as samples.
     *
     * @param file the JSON document
     * @param runId the run that the samples are filed under
     * @param put puts a local file into the result store
     * @throws StageException INVALID_CONFIG that names the file and the group
     */
    public static List<JudgedSample> read(Path file, String runId, Function<Path, BlobRef> put) {
        Document document;
        try {
            document = JSON.readValue(Files.readString(file), Document.class);
        } catch (JsonProcessingException e) {
            throw invalid(
                    file, "it is not a JSON document of groups: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read groups from " + file, e);
        }
        if (document == null || document.groups() == null) {
            throw invalid(file, "the key 'groups' is missing; it must be a list", null);
        }
        var samples = new ArrayList<JudgedSample>();
        for (int i = 0; i < document.groups().size(); i++) {
            samples.add(sample(file, i, document.groups().get(i), runId, put));
        }
        return List.copyOf(samples);
    }

    private static JudgedSample sample(
            Path file, int index, Group group, String runId, Function<Path, BlobRef> put) {
        String place = "groups[" + index + "]";
        String id = group.id() == null ? "group-" + index : group.id();
        if (group.prompt() == null || group.prompt().isBlank()) {
            throw invalid(file, place + " has no prompt", null);
        }
        var videos = new ArrayList<JudgedVideo>();
        List<Video> listed = group.videos() == null ? List.of() : group.videos();
        for (int i = 0; i < listed.size(); i++) {
            Video video = listed.get(i);
            if (video.path() == null) {
                throw invalid(file, "%s.videos[%d] has no video_path".formatted(place, i), null);
            }
            Map<String, Double> metrics = new HashMap<>();
            if (video.consistency() != null) {
                metrics.put(CONSISTENCY, video.consistency());
            }
            if (video.motion() != null) {
                metrics.put(MetricPairs.MOTION, video.motion());
            }
            videos.add(
                    new JudgedVideo(
                            i,
                            put.apply(existing(file, place + ".videos[" + i + "]", video.path())),
                            metrics));
        }
        BlobRef image =
                group.image() == null
                        ? null
                        : put.apply(existing(file, place + ".input_image_path", group.image()));
        return new JudgedSample(
                runId,
                Ids.requireSampleId(id),
                group.prompt(),
                image,
                "",
                "",
                CandidateConfig.defaults(),
                videos,
                List.of());
    }

    private static Path existing(Path file, String place, String name) {
        Path path = file.toAbsolutePath().resolveSibling(name);
        if (!Files.isRegularFile(path)) {
            throw invalid(file, "%s names %s, which is not a file".formatted(place, path), null);
        }
        return path;
    }

    private static StageException invalid(Path file, String what, @Nullable Throwable cause) {
        return new StageException(FailureCode.INVALID_CONFIG, file + ": " + what, cause);
    }
}
