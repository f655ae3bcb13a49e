package dev.reelrank.reranker;

import dev.reelrank.geometry.epipolar.EpipolarReport;
import dev.reelrank.geometry.epipolar.EpipolarSampson;
import dev.reelrank.geometry.epipolar.FramePair;
import dev.reelrank.geometry.score.GeometryReport;
import dev.reelrank.geometry.score.GeometryVggt;
import dev.reelrank.pipeline.stage.RankingResult.GeometryScore;
import dev.reelrank.ranking.GeometryTerm;
import dev.reelrank.video.VideoReader;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The geometry scores of candidates. Each reads the file again: it looks at other frames than the
 * rest of the ranking, and decoding is cheaper than keeping them.
 */
final class CandidateGeometry {
    private final EpipolarSampson epipolar = new EpipolarSampson(EpipolarSampson.Settings.DEFAULT);
    private final @Nullable GeometryVggt vggt;
    private final List<String> wanted;

    /**
     * @param vggt with LPIPS if one of the scores needs it; null if no score needs VGGT
     * @param wanted names of scores
     */
    CandidateGeometry(@Nullable GeometryVggt vggt, List<String> wanted) {
        this.vggt = vggt;
        this.wanted = wanted;
    }

    /**
     * The scores of a video, in the order in which they were asked for.
     *
     * @throws dev.reelrank.pipeline.StageException UNREADABLE_VIDEO
     */
    List<GeometryScore> of(Path video) {
        GeometryReport seen =
                wanted.stream().allMatch(EpipolarSampson.NAME::equals) ? null : look(video);
        return wanted.stream()
                .map(
                        name ->
                                name.equals(EpipolarSampson.NAME)
                                        ? lines(video)
                                        : points(name, Objects.requireNonNull(seen)))
                .toList();
    }

    private GeometryReport look(Path video) {
        var score = Objects.requireNonNull(vggt, "a score asks for VGGT, which is not loaded");
        try (var reader = VideoReader.open(video)) {
            return score.measure(reader.info().frames(), reader::frame);
        }
    }

    private GeometryScore lines(Path video) {
        EpipolarReport report;
        try (var reader = VideoReader.open(video)) {
            report = epipolar.measure(reader.info().frames(), reader::frame);
        }
        long counted = report.pairs().stream().filter(p -> p.distance() != null).count();
        return score(
                EpipolarSampson.NAME,
                report.score(),
                report.reason(),
                Map.of(
                        "motion",
                        report.motion(),
                        "pairs",
                        (double) report.pairs().size(),
                        "countedPairs",
                        (double) counted,
                        "matches",
                        (double) report.pairs().stream().mapToInt(FramePair::matches).sum()));
    }

    /** One of two names for what VGGT saw: with LPIPS, or the mean squared error alone. */
    private static GeometryScore points(String name, GeometryReport seen) {
        var parts = new HashMap<String, Double>();
        put(parts, "mse", seen.mse());
        put(parts, "lpips", seen.lpips());
        put(parts, "mvcs", seen.mvcs());
        put(parts, "motion_norm", seen.motionNorm());
        parts.put("change", seen.change());
        return score(
                name,
                name.equals(GeometryVggt.NAME) ? seen.score() : seen.mse(),
                seen.reason(),
                parts);
    }

    private static void put(Map<String, Double> parts, String name, @Nullable Double value) {
        if (value != null) {
            parts.put(name, value);
        }
    }

    private static GeometryScore score(
            String name,
            @Nullable Double score,
            @Nullable String reason,
            Map<String, Double> parts) {
        return new GeometryScore(name, score, reason, GeometryTerm.of(name, score), parts);
    }
}
