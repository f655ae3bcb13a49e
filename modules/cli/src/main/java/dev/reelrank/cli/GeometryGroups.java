package dev.reelrank.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.alignment.pairs.GroupsDocument;
import dev.reelrank.alignment.pairs.MetricPairs;
import dev.reelrank.geometry.score.GeometryReport;
import dev.reelrank.geometry.score.GeometryVggt;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.video.VideoReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * VideoGPA's first step: writes {@code consistency_score} and {@code motion_norm} beside every
 * video of a groups document. After each video the document is written whole under another name and
 * moved into place, so a killed command loses one video at most; the next one goes on where it
 * ended. A file that is listed twice is scored once, and one that cannot be read keeps the others
 * from nothing. All other keys stay as they are.
 */
final class GeometryGroups {
    private static final List<String> WRITTEN =
            List.of(
                    GroupsDocument.SCORE,
                    MetricPairs.MOTION,
                    GroupsDocument.REASON,
                    GroupsDocument.METRIC);

    private final Path file;
    private final GeometryVggt score;
    private final UnreadableVideos unreadable = new UnreadableVideos();
    private int scored;
    private int before;
    private int without;

    GeometryGroups(Path file, GeometryVggt score) {
        this.file = file;
        this.score = score;
    }

    int run() throws IOException {
        var document = GroupsDocument.read(file);
        Map<Path, ObjectNode> known = new HashMap<>();
        for (GroupsDocument.Group group : document.groups()) {
            for (GroupsDocument.Video video : group.videos()) {
                requireSameMetric(document, video);
                if (video.isScored()) {
                    known.put(video.file(), video.node());
                }
            }
        }
        for (GroupsDocument.Group group : document.groups()) {
            for (GroupsDocument.Video video : group.videos()) {
                score(document, video, known);
            }
        }
        System.err.printf(
                "%s: %d scored now, %d before, %d without a score (%s says why)%n",
                file, scored, before, without, GroupsDocument.REASON);
        unreadable.throwIfAny();
        return ExitCode.OK;
    }

    /** A score with LPIPS and one without must not stand in one document. */
    private void requireSameMetric(GroupsDocument document, GroupsDocument.Video video) {
        String metric = video.metric();
        if (video.score() != null && metric != null && !metric.equals(score.metric())) {
            throw document.invalid(
                    "%s has a score of %s, these models give %s: name the models that were used before, or take out %s everywhere"
                            .formatted(
                                    video.place(), metric, score.metric(), GroupsDocument.SCORE));
        }
    }

    private void score(
            GroupsDocument document, GroupsDocument.Video video, Map<Path, ObjectNode> known)
            throws IOException {
        if (video.isScored()) {
            before++;
            return;
        }
        ObjectNode same = known.get(video.file());
        if (same != null) {
            before++;
            copy(same, video.node());
        } else if (!measured(document, video)) {
            return;
        }
        known.put(video.file(), video.node());
        document.write();
    }

    /** Whether the video could be read. */
    private boolean measured(GroupsDocument document, GroupsDocument.Video video) {
        GeometryReport report;
        try {
            Path there = document.existing(video.place(), video.file());
            try (var reader = VideoReader.open(there)) {
                report = score.measure(reader.info().frames(), reader::frame);
            }
        } catch (StageException e) {
            unreadable.add(video.place(), e);
            return false;
        }
        ObjectNode node = video.node();
        if (report.score() == null) {
            without++;
            node.putNull(GroupsDocument.SCORE);
            node.put(GroupsDocument.REASON, report.reason());
        } else {
            scored++;
            node.put(GroupsDocument.SCORE, report.score());
        }
        node.put(MetricPairs.MOTION, report.motionNorm());
        node.put(GroupsDocument.METRIC, report.metric());
        return true;
    }

    private static void copy(ObjectNode from, ObjectNode to) {
        for (String key : WRITTEN) {
            if (from.has(key)) {
                to.set(key, from.get(key));
            }
        }
    }
}
