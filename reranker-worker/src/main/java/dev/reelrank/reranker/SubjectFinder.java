package dev.reelrank.reranker;

import dev.reelrank.perception.Instance;
import dev.reelrank.perception.Phrase;
import dev.reelrank.perception.PixelValues;
import dev.reelrank.perception.Sam3;
import dev.reelrank.pipeline.Box;
import dev.reelrank.pipeline.Mask;
import dev.reelrank.pipeline.config.RankingConfig;
import dev.reelrank.ranking.Duplicates;
import dev.reelrank.ranking.MaskLimits;
import dev.reelrank.ranking.MaskRules;
import java.util.Objects;

/** Finds one phrase in images. */
final class SubjectFinder {
    private final Sam3 sam3;
    private final Phrase phrase;
    private final RankingConfig config;
    private final Stopwatch stopwatch;

    SubjectFinder(Sam3 sam3, String phrase, RankingConfig config, Stopwatch stopwatch) {
        this.sam3 = sam3;
        this.phrase = stopwatch.time("segment", () -> sam3.read(phrase));
        this.config = config;
        this.stopwatch = stopwatch;
    }

    SubjectView find(PixelValues picture) {
        return stopwatch.time("segment", () -> look(picture));
    }

    private SubjectView look(PixelValues picture) {
        var instances =
                sam3.segment(picture, phrase, config.instanceThreshold(), config.maskThreshold());
        var masks = instances.stream().map(Instance::mask).filter(m -> m.area() > 0).toList();
        if (masks.isEmpty()) {
            return SubjectView.none("nothing in the image matches \"" + phrase.text() + "\"");
        }
        var union = Mask.union(masks);
        Box box = Objects.requireNonNull(union.box());
        var objection =
                MaskRules.objection(
                        box,
                        union.share(),
                        picture.width(),
                        picture.height(),
                        MaskLimits.of(config));
        int separated = Duplicates.separated(masks.stream().map(Mask::box).toList());
        return new SubjectView(union, box, separated, objection.orElse(null));
    }
}
