package dev.reelrank.evaluation.metric;

import dev.reelrank.geometry.met3r.Met3r;
import dev.reelrank.pipeline.stage.EvaluateResult.Measurement;
import java.util.List;

/**
 * MEt3R: whether neighbouring frames show one scene.
 *
 * <p>Formula: mean over the neighbours among 17 frames of 1 − cosine of their DINO features, drawn
 * into one view on DUSt3R's points. Range 0 to 2, lower is better; a video that does not move has
 * none. Models: met3r. Source: MEt3R (arXiv 2501.06336); docs/geometry.md.
 */
public final class MultiViewConsistency implements Metric<Met3r.Report> {
    private static final MetricInfo INFO =
            new MetricInfo(
                    Met3r.NAME,
                    "multi-view consistency (MEt3R)",
                    "mean over the neighbours among 17 frames of 1 - cosine of DINO features, drawn"
                            + " into one view on DUSt3R's points",
                    0,
                    2,
                    Direction.LOWER,
                    List.of("met3r"),
                    "MEt3R (arXiv 2501.06336); docs/geometry.md",
                    1);

    @Override
    public MetricInfo info() {
        return INFO;
    }

    @Override
    public Measurement measure(Met3r.Report seen) {
        Double score = seen.score();
        return score == null
                ? not("the video says nothing about its geometry: " + seen.reason())
                : value(score);
    }
}
