package dev.reelrank.bench.align.result;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.alignment.compare.ClipMetrics;
import dev.reelrank.alignment.compare.ComparedClip;
import dev.reelrank.alignment.compare.Comparison;
import dev.reelrank.alignment.compare.Gate;
import dev.reelrank.alignment.compare.Guard;
import dev.reelrank.alignment.compare.MetricChange;
import dev.reelrank.statistics.Bootstrap;
import dev.reelrank.statistics.Interval;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** What each result is to reach, and the gate that its adapter has to pass. */
final class Goals {
    private static final double ONE_POINT = 0.01;
    private static final double HALF = 0.5;
    private static final double VIDEO_DPO = 0.257;
    private static final double NEAR = 0.10;
    private static final double MOTION = 0.05;
    private static final double WINS = 0.65;
    private static final String TRUE = "true_";

    private final ObjectNode json;
    private final List<ComparedClip> clips;
    private final Comparison comparison;
    private final List<String> missed = new ArrayList<>();

    private Goals(ObjectNode json, List<ComparedClip> clips) {
        this.json = json;
        this.clips = clips;
        this.comparison = Comparison.of(clips, Bootstrap.DEFAULT);
    }

    static Gate ghostGate() {
        return new Gate(
                ClipFigures.GHOST,
                false,
                List.of(
                        Guard.motion(MOTION),
                        new Guard(ClipFigures.APPEARANCE, true, ONE_POINT, false),
                        new Guard(ClipFigures.ACTION, true, ONE_POINT, false)));
    }

    static Gate tasteGate() {
        return new Gate(
                ClipMetrics.MOTION,
                false,
                List.of(
                        new Guard(ClipFigures.APPEARANCE, true, ONE_POINT, false),
                        new Guard(ClipFigures.ACTION, true, ONE_POINT, false)));
    }

    /** Ghosts fall by half; the picture, the action and the motion stay. */
    static void rankings(ObjectNode json, List<ComparedClip> clips) {
        var goals = new Goals(json, clips);
        MetricChange ghost = goals.change(ClipFigures.GHOST);
        goals.put("ghostChange", ghost.relative());
        goals.want(
                ghost.relative() <= -HALF,
                "ghostChange %.3f, target: at most -%.2f".formatted(ghost.relative(), HALF));
        goals.want(
                ghost.difference().below(),
                "the interval of the ghosts' difference, %.5f to %.5f, is not below 0"
                        .formatted(ghost.difference().low(), ghost.difference().high()));
        goals.kept("appearanceChange", ClipFigures.APPEARANCE);
        goals.kept("actionChange", ClipFigures.ACTION);
        double motion = goals.ofTruth(ClipMetrics.MOTION);
        goals.put("motionOfTruth", motion);
        goals.want(
                Math.abs(motion - 1) <= MOTION,
                "motionOfTruth %.3f, target: within %.2f of 1".formatted(motion, MOTION));
        goals.finish();
    }

    /** Steadier by as much as Video-DPO, as lively as the truth. */
    static void videoDpo(ObjectNode json, List<ComparedClip> clips) {
        var goals = new Goals(json, clips);
        double warping = goals.change(ClipMetrics.WARPING_ERROR).relative();
        goals.put("warpingErrorChange", warping);
        goals.want(
                warping <= -VIDEO_DPO,
                "warpingErrorChange %.3f, target: at most -%.3f".formatted(warping, VIDEO_DPO));
        double difference = goals.ofTruth(ClipMetrics.FRAME_DIFFERENCE);
        goals.put("frameDifferenceOfTruth", difference);
        goals.want(
                Math.abs(difference - 1) <= NEAR,
                "frameDifferenceOfTruth %.3f, target: within %.2f of 1"
                        .formatted(difference, NEAR));
        double motion = goals.ofTruth(ClipMetrics.MOTION);
        goals.put("motionOfTruth", motion);
        goals.want(
                motion >= 1 - MOTION,
                "motionOfTruth %.3f, target: at least %.2f".formatted(motion, 1 - MOTION));
        goals.finish();
    }

    /** It flickers, or there is nothing to mend. */
    static void flickering(ObjectNode json, List<ComparedClip> clips) {
        var goals = new Goals(json, clips);
        MetricChange warping = goals.change(ClipMetrics.WARPING_ERROR);
        goals.put("warpingErrorChange", warping.relative());
        goals.put("frameDifferenceOfTruth", goals.ofTruth(ClipMetrics.FRAME_DIFFERENCE));
        goals.put("motionOfTruth", goals.ofTruth(ClipMetrics.MOTION));
        goals.want(warping.difference().above(), "it does not flicker");
        goals.finish();
    }

    /** The adapter's clip moves less than the base's with the same noise. */
    static void taste(ObjectNode json, List<ComparedClip> clips) {
        var goals = new Goals(json, clips);
        var bySample = new LinkedHashMap<String, List<Double>>();
        for (var clip : clips) {
            double adapter = motion(clip.adapter());
            double base = motion(clip.base());
            bySample.computeIfAbsent(clip.sample(), s -> new ArrayList<>())
                    .add(adapter < base ? 1.0 : adapter == base ? 0.5 : 0.0);
        }
        Interval wins =
                Bootstrap.DEFAULT.mean(
                        bySample.values().stream()
                                .map(v -> v.stream().mapToDouble(d -> d).toArray())
                                .toList());
        goals.put("wins", wins.mean());
        goals.put("winsLow95", wins.low());
        goals.put("winsHigh95", wins.high());
        goals.put("movementChange", goals.change(ClipMetrics.MOTION).relative());
        goals.want(
                wins.mean() >= WINS,
                "wins %.3f, target: at least %.2f".formatted(wins.mean(), WINS));
        goals.finish();
    }

    private static double motion(Map<String, Double> metrics) {
        return Objects.requireNonNull(metrics.get(ClipMetrics.MOTION), "motion was not measured");
    }

    private MetricChange change(String metric) {
        return Objects.requireNonNull(
                comparison.changes().get(metric), () -> metric + " was not measured");
    }

    /** Falls by at most one point. */
    private void kept(String key, String metric) {
        double fall = change(metric).difference().mean();
        put(key, fall);
        want(fall >= -ONE_POINT, "%s %.4f, target: at least -%.2f".formatted(key, fall, ONE_POINT));
    }

    /** The adapter's mean over the truth's. */
    private double ofTruth(String metric) {
        return change(metric).adapter().mean() / change(TRUE + metric).adapter().mean();
    }

    private void put(String key, double value) {
        json.put(key, Math.round(value * 1e5) / 1e5);
    }

    private void want(boolean reached, String otherwise) {
        if (!reached) {
            missed.add(String.format(Locale.ROOT, "%s", otherwise));
        }
    }

    private void finish() {
        json.put("clips", clips.size());
        json.put("samples", comparison.samples());
        missed.forEach(json.putArray("missed")::add);
    }
}
