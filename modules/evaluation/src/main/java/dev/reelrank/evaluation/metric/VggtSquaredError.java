package dev.reelrank.evaluation.metric;

import dev.reelrank.geometry.score.GeometryReport;
import dev.reelrank.pipeline.stage.EvaluateResult.Measurement;
import java.util.List;

/**
 * The same as {@link VggtConsistency} without LPIPS.
 *
 * <p>Formula: mean over ten frames of the MSE between the frame and the coloured points of all
 * frames, seen by its camera again. Range 0 to 1, lower is better. Models: vggt. Source: VideoGPA
 * (arXiv 2601.23286), without its second term; docs/geometry.md.
 */
public final class VggtSquaredError implements Metric<GeometryReport> {
    private static final MetricInfo INFO =
            new MetricInfo(
                    "geometry_vggt_mse",
                    "reprojection of a VGGT cloud, MSE alone",
                    "mean over ten frames of the MSE between the frame and the reprojected cloud of all frames",
                    0,
                    1,
                    Direction.LOWER,
                    List.of("vggt"),
                    "VideoGPA (arXiv 2601.23286), without LPIPS; docs/geometry.md",
                    1);

    @Override
    public MetricInfo info() {
        return INFO;
    }

    @Override
    public Measurement measure(GeometryReport seen) {
        Double figure = seen.mse();
        return figure == null
                ? not("the video says nothing about its geometry: " + seen.reason())
                : value(figure);
    }
}
