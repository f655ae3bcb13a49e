package dev.reelrank.bench.testbed;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.testbed.Action;
import dev.reelrank.testbed.Scene;
import dev.reelrank.testbed.Truth;
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
        appearance.add(truth.appearanceRight(clip));
        iou.add(truth.maskIou(clip));
        colour.add(truth.colourError(clip));
        ghost.add(truth.ghost(clip));
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
    }
}
