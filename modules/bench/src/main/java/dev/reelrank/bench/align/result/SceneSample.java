package dev.reelrank.bench.align.result;

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
record SceneSample(Split split, int index) {
    /** Frames of a clip. */
    static final int FRAMES = 17;

    /** Pixels a side. */
    static final int SIDE = 128;

    static List<SceneSample> range(Split split, int from, int count) {
        return IntStream.range(from, from + count)
                .mapToObj(i -> new SceneSample(split, i))
                .toList();
    }

    /** Its id, for example {@code test-12}. */
    String id() {
        return split.name().toLowerCase(Locale.ROOT) + "-" + index;
    }

    Scene scene() {
        return SceneMaker.scene(split.seed(index));
    }

    Truth truth() {
        return new Truth(scene(), FRAMES);
    }

    /** What the generator is asked for. */
    String prompt() {
        return WrittenPrompts.ultraEnrich(scene());
    }
}
