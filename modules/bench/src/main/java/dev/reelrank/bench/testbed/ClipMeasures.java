package dev.reelrank.bench.testbed;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.testbed.Action;
import dev.reelrank.testbed.Appearance;
import dev.reelrank.testbed.Scene;
import dev.reelrank.testbed.Subject;
import dev.reelrank.testbed.Truth;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What generated clips are worth beside the truth of their scenes. */
final class ClipMeasures {
    private final Mean first = new Mean();
    private final Mean whole = new Mean();
    private final Mean action = new Mean();
    private final Mean appearance = new Mean();
    private final Mean iou = new Mean();
    private final Mean colour = new Mean();
    private final Mean ghost = new Mean();
    private final Mean shownChange = new Mean();
    private final Mean trueChange = new Mean();
    private final Map<Action, Mean> byAction = new EnumMap<>(Action.class);
    private final List<Missed> missed = new ArrayList<>();

    /** A clip whose subject does not look as it should. */
    private record Missed(
            Scene scene, List<Appearance> seen, double iou, double colour, double ghost) {
        void json(ObjectNode to) {
            Subject first = scene.first();
            to.put("seed", scene.seed());
            to.put("subject", lower(first.colour()) + " " + lower(first.kind()));
            to.put("action", lower(scene.action()));
            to.put("speed", lower(scene.speed()));
            to.put("manner", lower(scene.manner()));
            for (Appearance seen : seen()) {
                if (!seen.is(first.kind(), first.colour())) {
                    to.put(
                            "frame" + seen.frame(),
                            seen.kind() == null || seen.colour() == null
                                    ? "nothing"
                                    : lower(seen.colour()) + " " + lower(seen.kind()));
                }
            }
            to.put("maskIou", rounded(iou));
            to.put("colourError", rounded(colour));
            to.put("ghost", rounded(ghost));
        }

        private static String lower(Enum<?> value) {
            return value.name().toLowerCase(Locale.ROOT);
        }

        private static double rounded(double value) {
            return Math.round(value * 1000) / 1000.0;
        }
    }

    /** Takes one clip. */
    void add(Scene scene, Truth truth, List<RgbImage> clip) {
        first.add(truth.psnr(clip.get(0), 0));
        Mean psnr = new Mean();
        for (int i = 0; i < clip.size(); i++) {
            psnr.add(truth.psnr(clip.get(i), i));
        }
        whole.add(psnr.value());
        boolean right = truth.nearestAction(clip) == scene.action();
        action.add(right);
        byAction.computeIfAbsent(scene.action(), a -> new Mean()).add(right);
        List<Appearance> seen = truth.appearances(clip);
        boolean asAsked =
                seen.stream().allMatch(s -> s.is(scene.first().kind(), scene.first().colour()));
        appearance.add(asAsked);
        double overlap = truth.maskIou(clip);
        double off = truth.colourError(clip);
        double second = truth.ghost(clip);
        iou.add(overlap);
        colour.add(off);
        ghost.add(second);
        if (!asAsked) {
            missed.add(new Missed(scene, seen, overlap, off, second));
        }
        shownChange.add(Truth.frameDifference(clip));
        trueChange.add(Truth.frameDifference(truth.clip().frames()));
    }

    /** The figures by their keys. */
    void write(ObjectNode json) {
        json.put("firstFramePsnr", first.value());
        json.put("clipPsnr", whole.value());
        json.put("actionAccuracy", action.value());
        json.put("appearanceAccuracy", appearance.value());
        json.put("frameDifferenceRatio", shownChange.value() / trueChange.value());
        json.put("maskIou", iou.value());
        json.put("colourError", colour.value());
        json.put("ghost", ghost.value());
        json.put("clips", first.count());
        ObjectNode actions = json.putObject("actionAccuracyByAction");
        byAction.forEach((a, mean) -> actions.put(a.name().toLowerCase(Locale.ROOT), mean.value()));
        ArrayNode list = json.putArray("appearanceMissed");
        missed.forEach(m -> m.json(list.addObject()));
    }
}
