package dev.reelrank.evaluation.metric;

import dev.reelrank.geometry.score.GeometryReport;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** All metrics, in the order in which they are reported. */
public final class Metrics {
    /** Those that need CLIP. */
    public static final List<Metric<Views.Clip>> CLIP =
            List.of(
                    new ClipIdentity(),
                    new ClipLeastIdentity(),
                    new ClipBackgroundConsistency(),
                    new ClipTextConsistency());

    /** Those that need DINOv3, and SAM3 for the subject. */
    public static final List<Metric<Views.Dino>> DINO =
            List.of(
                    new DinoIdentity(),
                    new DinoLeastIdentity(),
                    new DinoMaskedIdentity(),
                    new DinoSubjectConsistency(),
                    new DinoLikeness());

    /** Those of the frames alone. */
    public static final List<Metric<FrameFigures>> FRAMES =
            List.of(
                    new WarpingError(),
                    new TemporalFlickering(),
                    new FrameDifference(),
                    new Motion());

    /** Those of VideoReward. */
    public static final List<Metric<Rewards>> REWARDS =
            List.of(new RewardVisual(), new RewardMotion(), new RewardText());

    /** That of VGGT which also needs LPIPS. */
    public static final VggtConsistency VGGT_LPIPS = new VggtConsistency();

    /** Those of VGGT. */
    public static final List<Metric<GeometryReport>> VGGT =
            List.of(VGGT_LPIPS, new VggtSquaredError(), new DepthConsistency());

    /** That of MEt3R. */
    public static final MultiViewConsistency MET3R = new MultiViewConsistency();

    /** The geometry of the scene. */
    public static final EpipolarConsistency EPIPOLAR = new EpipolarConsistency();

    /**
     * Those that studies judge and average unless they name others, as far as they are measured.
     */
    public static final List<String> HEADLINE =
            List.of(
                    "identity_clip",
                    "identity_dinov3_masked",
                    "videoreward_visual",
                    "videoreward_motion",
                    "videoreward_text",
                    "text_consistency_clip",
                    "temporal_flickering",
                    "subject_consistency_dinov3");

    /** They count pixels, or were found to prefer some sizes: figures of other sizes are others. */
    private static final Set<String> BOUND_TO_SIZE =
            Set.of(
                    "warping_error",
                    "motion",
                    "videoreward_visual",
                    "videoreward_motion",
                    "videoreward_text");

    private static final Map<String, MetricInfo> BY_NAME = byName();

    private Metrics() {}

    private static Map<String, MetricInfo> byName() {
        var all = new LinkedHashMap<String, MetricInfo>();
        Stream.of(
                        CLIP.stream(),
                        DINO.stream(),
                        REWARDS.stream(),
                        FRAMES.stream(),
                        Stream.of(EPIPOLAR),
                        VGGT.stream(),
                        Stream.of(MET3R))
                .flatMap(metrics -> metrics)
                .map(Metric::info)
                .forEach(info -> all.put(info.name(), info));
        return all;
    }

    /** Every contract, in order. */
    public static List<MetricInfo> all() {
        return List.copyOf(BY_NAME.values());
    }

    /** Every name, in order. */
    public static List<String> names() {
        return List.copyOf(BY_NAME.keySet());
    }

    /** Whether its figures can only be compared between videos of one size. */
    public static boolean boundToSize(String name) {
        return BOUND_TO_SIZE.contains(name);
    }

    /**
     * A contract.
     *
     * @throws StageException INVALID_CONFIG for a name that is none, listing those there are
     */
    public static MetricInfo of(String name) {
        MetricInfo info = BY_NAME.get(name);
        if (info == null) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "there is no metric '%s'; there are %s"
                            .formatted(name, String.join(", ", BY_NAME.keySet())));
        }
        return info;
    }
}
