package dev.reelrank.bench.align.result;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.alignment.compare.ComparedClip;
import dev.reelrank.alignment.compare.Comparison;
import dev.reelrank.alignment.compare.MetricChange;
import dev.reelrank.statistics.Bootstrap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a generator of rooms is to reach by learning from geometry. */
final class RoomGoals {
    private static final int PROMPTS = 100;
    private static final double MOTION = 0.95;

    private RoomGoals() {}

    /** Adapters of other recipes have folders of their own. */
    static String suffix(Map<String, String> changes) {
        var text = new StringBuilder();
        new TreeMap<>(changes).forEach((key, value) -> text.append('-').append(key).append(value));
        return text.toString();
    }

    /** Writes the figures, and what is short of its target as {@code missed}. */
    static void judge(ObjectNode json, RoomJudge judge, List<ComparedClip> clips) {
        var comparison = Comparison.of(clips, Bootstrap.DEFAULT);
        ArrayNode missed = json.putArray("missed");
        json.put("clips", clips.size());
        json.put("prompts", comparison.samples());
        if (comparison.samples() < PROMPTS) {
            missed.add("%d of %d held-out prompts".formatted(comparison.samples(), PROMPTS));
        }
        String chosen = json.path("score").asText();
        for (String score : judge.scores()) {
            falls(json, comparison, score, score.equals(chosen) ? missed : null);
        }
        falls(json, comparison, RoomJudge.TRUE_ERROR, missed);
        MetricChange motion = change(comparison, RoomJudge.CAMERA_MOTION);
        double kept = motion.adapter().mean() / motion.base().mean();
        json.put("cameraMotionKept", kept);
        // Not a number where the base does not move at all.
        if (!(kept >= MOTION)) {
            missed.add("cameraMotionKept %.3f, target: at least %.2f".formatted(kept, MOTION));
        }
    }

    private static void falls(
            ObjectNode json, Comparison comparison, String metric, @Nullable ArrayNode missed) {
        if (!comparison.changes().containsKey(metric)) {
            json.putNull(metric);
            if (missed != null) {
                missed.add("no held-out clip has a " + metric);
            }
            return;
        }
        MetricChange change = change(comparison, metric);
        ObjectNode node = json.putObject(metric);
        node.put("base", change.base().mean());
        node.put("adapter", change.adapter().mean());
        node.put("difference", change.difference().mean());
        node.put("low95", change.difference().low());
        node.put("high95", change.difference().high());
        if (missed != null && !change.difference().below()) {
            missed.add(
                    "the interval of the difference of %s, %.5f to %.5f, is not below 0"
                            .formatted(
                                    metric, change.difference().low(), change.difference().high()));
        }
    }

    private static MetricChange change(Comparison comparison, String metric) {
        return Objects.requireNonNull(
                comparison.changes().get(metric), () -> metric + " was not measured");
    }
}
