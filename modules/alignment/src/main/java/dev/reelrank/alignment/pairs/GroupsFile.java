package dev.reelrank.alignment.pairs;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.Ids;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.CandidateConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/**
 * VideoGPA's groups ({@link GroupsDocument}) as samples with candidates: a group is a sample, its
 * videos are the candidates; keys that pairs do not need are passed over.
 */
public final class GroupsFile {
    /** The metric that a video's {@code consistency_score} becomes; lower is better. */
    public static final String CONSISTENCY = GroupsDocument.SCORE;

    private GroupsFile() {}

    /** VideoGPA's own rule: gap of at least 0.05, both sides move by at least 0.001. */
    public static MetricPairs.Rule rule() {
        return new MetricPairs.Rule(CONSISTENCY, false, 0.05, null, 0.001);
    }

    /** Puts a file into the result store. */
    @FunctionalInterface
    public interface Put {
        /**
         * Puts it there.
         *
         * @param mediaType for example video/mp4
         */
        BlobRef apply(Path file, String mediaType);
    }

    /**
     * Reads the groups as samples.
     *
     * @param file the JSON document
     * @param runId the run that the samples are filed under
     * @param put puts a local file into the result store
     * @throws StageException INVALID_CONFIG that names the file and the group
     */
    public static List<JudgedSample> read(Path file, String runId, Put put) {
        var document = GroupsDocument.read(file);
        var samples = new ArrayList<JudgedSample>();
        for (GroupsDocument.Group group : document.groups()) {
            samples.add(sample(document, group, samples.size(), runId, put));
        }
        return List.copyOf(samples);
    }

    private static JudgedSample sample(
            GroupsDocument document, GroupsDocument.Group group, int index, String runId, Put put) {
        String id = group.node().path("group_id").asText("group-" + index);
        String prompt = group.node().path("prompt").asText("");
        if (prompt.isBlank()) {
            throw document.invalid(group.place() + " has no prompt");
        }
        requireOneMetric(document, group);
        var videos = new ArrayList<JudgedVideo>();
        for (GroupsDocument.Video video : group.videos()) {
            Map<String, Double> metrics = new HashMap<>();
            Double score = video.score();
            if (score != null) {
                metrics.put(CONSISTENCY, score);
            }
            Double motion = video.motion();
            if (motion != null) {
                metrics.put(MetricPairs.MOTION, motion);
            }
            Path there = document.existing(video.place(), video.file());
            videos.add(new JudgedVideo(videos.size(), put.apply(there, "video/mp4"), metrics));
        }
        Path image = document.existing(group, "input_image_path");
        return new JudgedSample(
                runId,
                Ids.requireSampleId(id),
                prompt,
                image == null ? null : put.apply(image, imageType(image)),
                "",
                "",
                CandidateConfig.defaults(),
                videos,
                List.of());
    }

    /** A score with LPIPS and one without are other numbers of other sizes. */
    private static void requireOneMetric(GroupsDocument document, GroupsDocument.Group group) {
        var metrics = new TreeSet<String>();
        for (GroupsDocument.Video video : group.videos()) {
            String metric = video.metric();
            if (metric != null && video.score() != null) {
                metrics.add(metric);
            }
        }
        if (metrics.size() > 1) {
            throw document.invalid(
                    "%s has scores of %s, which must not be compared: take out %s of one kind and run 'reelrank geometry --groups' again"
                            .formatted(
                                    group.place(), String.join(" and of ", metrics), CONSISTENCY));
        }
    }

    private static String imageType(Path image) {
        String name = image.getFileName().toString().toLowerCase(Locale.ROOT);
        return name.endsWith(".jpg") || name.endsWith(".jpeg") ? "image/jpeg" : "image/png";
    }
}
