package dev.reelrank.evaluation.metric;

import dev.reelrank.geometry.epipolar.EpipolarReport;
import dev.reelrank.pipeline.stage.EvaluateResult.Measurement;
import java.util.List;

/**
 * Whether the video shows a rigid world.
 *
 * <p>Formula: mean Sampson distance of SIFT matches to the epipolar lines of a rigid scene, pixels
 * of 640. Range 0 to 5, lower is better. Models: none. Source: Epipolar-DPO (arXiv 2510.21615);
 * docs/geometry.md.
 */
public final class EpipolarConsistency implements Metric<EpipolarReport> {
    private static final MetricInfo INFO =
            new MetricInfo(
                    "epipolar_sampson",
                    "epipolar distance",
                    "mean Sampson distance of SIFT matches to the epipolar lines of a rigid scene,"
                            + " pixels of 640",
                    0,
                    5,
                    Direction.LOWER,
                    List.of(),
                    "Epipolar-DPO (arXiv 2510.21615); docs/geometry.md",
                    2);

    @Override
    public MetricInfo info() {
        return INFO;
    }

    @Override
    public Measurement measure(EpipolarReport seen) {
        Double score = seen.score();
        return score == null
                ? not("the video says nothing about its geometry: " + seen.reason())
                : value(score);
    }
}
