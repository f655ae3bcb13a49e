package dev.reelrank.bench.align.result;

import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.testbed.Scene;
import dev.reelrank.testbed.SceneMaker;
import dev.reelrank.testbed.Split;
import dev.reelrank.testbed.Truth;
import dev.reelrank.testbed.WrittenPrompts;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * One scene of a split as a sample.
 *
 * @param split whose it is
 * @param index in the split
 */
record SceneSample(Split split, int index) implements Sample {
    static List<SceneSample> range(Split split, int from, int count) {
        return IntStream.range(from, from + count)
                .mapToObj(i -> new SceneSample(split, i))
                .toList();
    }

    @Override
    public String id() {
        return split.name().toLowerCase(Locale.ROOT) + "-" + index;
    }

    Scene scene() {
        return SceneMaker.scene(split.seed(index));
    }

    Truth truth() {
        return new Truth(scene(), FRAMES);
    }

    @Override
    public String prompt() {
        return WrittenPrompts.ultraEnrich(scene());
    }

    @Override
    public RgbImage image() {
        return truth().clip().frames().get(0);
    }

    @Override
    public Shown look() {
        Truth truth = truth();
        return new Shown(truth.clip().frames().get(0), new ClipFigures(scene(), truth)::of);
    }
}
