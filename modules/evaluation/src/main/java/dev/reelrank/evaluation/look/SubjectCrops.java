package dev.reelrank.evaluation.look;

import dev.reelrank.perception.Instance;
import dev.reelrank.perception.Phrase;
import dev.reelrank.perception.PixelValues;
import dev.reelrank.perception.Sam3;
import dev.reelrank.pipeline.Box;
import dev.reelrank.pipeline.Mask;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.config.RankingConfig;
import dev.reelrank.ranking.MaskLimits;
import dev.reelrank.ranking.MaskRules;
import dev.reelrank.ranking.SquareCrop;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The squares around a subject, by the rules and thresholds of ranking. A frame in which it is not
 * found takes the place of the frame before it, the first ones that of the reference: a subject
 * that vanishes is looked for where it was, and its absence lowers the likeness.
 */
final class SubjectCrops {
    /** Frames that are resized side by side. */
    private static final int TOGETHER = 8;

    private final Sam3 sam3;
    private final RankingConfig rules;
    private final Phrase phrase;

    SubjectCrops(Sam3 sam3, String phrase, RankingConfig rules) {
        this.sam3 = sam3;
        this.rules = rules;
        this.phrase = sam3.read(phrase);
    }

    /** Where the subject is; empty if it is not found, or the mask breaks ranking's rules. */
    Optional<Box> find(RgbImage picture) {
        return find(sam3.prepare(picture));
    }

    private Optional<Box> find(PixelValues picture) {
        List<Mask> masks =
                sam3
                        .segment(picture, phrase, rules.instanceThreshold(), rules.maskThreshold())
                        .stream()
                        .map(Instance::mask)
                        .filter(m -> m.area() > 0)
                        .toList();
        if (masks.isEmpty()) {
            return Optional.empty();
        }
        var union = Mask.union(masks);
        Box box = union.box();
        return box == null
                        || MaskRules.objection(
                                        box,
                                        union.share(),
                                        picture.width(),
                                        picture.height(),
                                        MaskLimits.of(rules))
                                .isPresent()
                ? Optional.empty()
                : Optional.of(box);
    }

    /**
     * The squares of frames.
     *
     * @param reference the image, and {@code place} the subject's box in it
     */
    List<RgbImage> of(List<RgbImage> frames, RgbImage reference, Box place) {
        var crops = new ArrayList<RgbImage>();
        RgbImage first = frames.get(0);
        Box last =
                place.scaled(
                        (double) first.width() / reference.width(),
                        (double) first.height() / reference.height());
        for (int from = 0; from < frames.size(); from += TOGETHER) {
            var part = frames.subList(from, Math.min(frames.size(), from + TOGETHER));
            // One core would resize them one after another while a GPU waits.
            var prepared = sam3.prepare(part);
            for (int i = 0; i < part.size(); i++) {
                last = find(prepared.get(i)).orElse(last);
                crops.add(cut(part.get(i), last));
            }
        }
        return crops;
    }

    static RgbImage cut(RgbImage frame, Box box) {
        return frame.cut(SquareCrop.around(box, frame.width(), frame.height()));
    }
}
