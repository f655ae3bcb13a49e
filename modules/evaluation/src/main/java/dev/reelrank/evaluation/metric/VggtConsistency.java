package dev.reelrank.evaluation.metric;

import dev.reelrank.geometry.score.GeometryReport;
import dev.reelrank.pipeline.stage.EvaluateResult.Measurement;
import java.util.List;

/**
 * How far the frames are from one rigid world, as VideoGPA scores them.
 *
 * <p>Formula: mean over ten frames of MSE + LPIPS between the frame and the coloured points of all
 * frames, seen by its camera again. Range 0 to ∞, lower is better. Models: vggt, lpips. Source:
 * VideoGPA (arXiv 2601.23286); docs/geometry.md.
 */
public final class VggtConsistency implements Metric<GeometryReport> {
    private static final MetricInfo INFO =
            new MetricInfo(
                    "geometry_vggt",
                    "reprojection of a VGGT cloud",
                    "mean over ten frames of MSE + LPIPS between the frame and the reprojected cloud of all"
                            + " frames",
                    0,
                    Double.POSITIVE_INFINITY,
                    Direction.LOWER,
                    List.of("vggt", "lpips"),
                    "VideoGPA (arXiv 2601.23286); docs/geometry.md",
                    1);

    @Override
    public MetricInfo info() {
        return INFO;
    }

    @Override
    public Measurement measure(GeometryReport seen) {
        Double figure = seen.score();
        return figure == null
                ? not("the video says nothing about its geometry: " + seen.reason())
                : value(figure);
    }
}
