package dev.reelrank.evaluation.metric;

import dev.reelrank.geometry.score.GeometryReport;
import dev.reelrank.pipeline.stage.EvaluateResult.Measurement;
import java.util.List;

/**
 * Whether the depths of neighbouring frames agree.
 *
 * <p>Formula: exp(−mean squared difference between the depth of a frame, projected into the next
 * one, and the depth there); ten frames. Range 0 to 1, higher is better. Models: vggt. Source:
 * VideoGPA's MVCS (arXiv 2601.23286); docs/geometry.md.
 */
public final class DepthConsistency implements Metric<GeometryReport> {
    private static final MetricInfo INFO =
            new MetricInfo(
                    "mvcs",
                    "multi-view depth consistency (VGGT)",
                    "exp(-mean squared difference of reprojected and found depth) over neighbours of ten frames",
                    0,
                    1,
                    Direction.HIGHER,
                    List.of("vggt"),
                    "VideoGPA (arXiv 2601.23286); docs/geometry.md",
                    1);

    @Override
    public MetricInfo info() {
        return INFO;
    }

    @Override
    public Measurement measure(GeometryReport seen) {
        Double figure = seen.mvcs();
        return figure == null
                ? not("the video says nothing about its geometry: " + seen.reason())
                : value(figure);
    }
}
