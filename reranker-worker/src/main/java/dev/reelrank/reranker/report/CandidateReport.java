package dev.reelrank.reranker.report;

import dev.reelrank.pipeline.stage.RankingResult.GeometryScore;
import dev.reelrank.ranking.FrameMeasures;
import dev.reelrank.ranking.Measures;
import dev.reelrank.video.VideoInfo;
import java.util.List;

/**
 * What was found about one candidate.
 *
 * @param name for people
 * @param info of its file
 * @param measures over all scored frames
 * @param composite its score
 * @param geometry the scores that were asked for; empty if none were
 * @param frames by scored frame
 * @param views some frames for pictures; empty if none were asked for
 */
public record CandidateReport(
        String name,
        VideoInfo info,
        Measures measures,
        double composite,
        List<GeometryScore> geometry,
        List<FrameMeasures> frames,
        List<FrameView> views) {}
