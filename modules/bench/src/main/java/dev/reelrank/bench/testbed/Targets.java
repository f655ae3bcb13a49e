package dev.reelrank.bench.testbed;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the checkpoints are to reach, by the key of the measure. */
final class Targets {
    private static final Map<String, Double> AT_LEAST = new LinkedHashMap<>();

    static {
        AT_LEAST.put("vaePsnr", 30.0);
        AT_LEAST.put("firstFramePsnr", 27.0);
        AT_LEAST.put("actionAccuracy", .85);
        AT_LEAST.put("appearanceAccuracy", .90);
        AT_LEAST.put("promptRulesKept", .95);
        AT_LEAST.put("promptFactsRight", .95);
        AT_LEAST.put("yesNoAccuracy", .90);
        AT_LEAST.put("sam3Iou", .90);
        AT_LEAST.put("sam3AbsentRejected", .95);
        AT_LEAST.put("dinoRetrieval", .95);
        AT_LEAST.put("clipRetrieval", .90);
        AT_LEAST.put("winnerGainLow95", 0.0);
    }

    private static final double FRAME_DIFFERENCE = 1.3;

    private Targets() {}

    /** One line a measure that was taken and is short of its target. */
    static List<String> missed(JsonNode json) {
        List<String> missed = new ArrayList<>();
        AT_LEAST.forEach(
                (key, least) -> {
                    JsonNode value = json.path(key);
                    if (value.isNumber() && !(value.asDouble() >= least)) {
                        missed.add(
                                "%s %.4f, target: at least %s"
                                        .formatted(key, value.asDouble(), least));
                    }
                });
        double ratio = json.path("frameDifferenceRatio").asDouble(1);
        if (!(ratio <= FRAME_DIFFERENCE && ratio >= 1 / FRAME_DIFFERENCE)) {
            missed.add(
                    "frameDifferenceRatio %.3f, target: within %s of 1"
                            .formatted(ratio, FRAME_DIFFERENCE));
        }
        return missed;
    }

    /** The keys of every target. */
    static List<String> keys() {
        List<String> keys = new ArrayList<>(AT_LEAST.keySet());
        keys.add("frameDifferenceRatio");
        return keys;
    }
}
