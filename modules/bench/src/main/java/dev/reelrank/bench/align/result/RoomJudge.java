package dev.reelrank.bench.align.result;

import dev.reelrank.alignment.compare.ClipMetrics;
import dev.reelrank.geometry.epipolar.EpipolarSampson;
import dev.reelrank.geometry.score.GeometryVggt;
import dev.reelrank.pipeline.RgbImage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What clips of rooms are worth by the scores of the product, and beside the truth. A score that a
 * clip does not have is no number, and that it has one is a figure of its own.
 */
final class RoomJudge {
    /** {@link RoomTruth#error}. */
    static final String TRUE_ERROR = "true_error";

    /** {@link RoomTruth#reached}. */
    static final String CAMERA_MOTION = "camera_motion";

    private static final String HAS = "has_";

    private final EpipolarSampson epipolar = new EpipolarSampson(EpipolarSampson.Settings.DEFAULT);
    private final @Nullable GeometryVggt vggt;

    /**
     * @param vggt null for epipolar geometry alone; the caller closes it
     */
    RoomJudge(@Nullable GeometryVggt vggt) {
        this.vggt = vggt;
    }

    /** The names of the scores, of which the first has no network. */
    List<String> scores() {
        return vggt == null
                ? List.of(EpipolarSampson.NAME)
                : List.of(EpipolarSampson.NAME, vggt.metric());
    }

    /** Scores that any video can have; lower is better, NaN for none. */
    Map<String, Double> scores(List<RgbImage> clip) {
        var scores = new LinkedHashMap<String, Double>();
        scores.put(EpipolarSampson.NAME, number(epipolar.measure(clip).score()));
        if (vggt != null) {
            // One network for all threads.
            synchronized (vggt) {
                scores.put(vggt.metric(), number(vggt.measure(clip).score()));
            }
        }
        return scores;
    }

    Map<String, Double> figures(RoomTruth truth, List<RgbImage> clip) {
        var figures = new LinkedHashMap<>(scores(clip));
        for (String score : scores()) {
            double value = Objects.requireNonNull(figures.get(score));
            figures.put(HAS + score, Double.isNaN(value) ? 0.0 : 1.0);
        }
        figures.put(TRUE_ERROR, truth.error(clip));
        figures.put(CAMERA_MOTION, truth.reached(clip));
        figures.putAll(ClipMetrics.of(clip));
        return figures;
    }

    private static double number(@Nullable Double score) {
        return score == null ? Double.NaN : score;
    }
}
