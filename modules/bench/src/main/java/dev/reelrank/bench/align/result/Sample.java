package dev.reelrank.bench.align.result;

import dev.reelrank.pipeline.RgbImage;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** What a clip is generated for, and where the truth is known. */
interface Sample {
    /** Frames of a clip. */
    int FRAMES = 17;

    /** Pixels a side. */
    int SIDE = 128;

    /** Its id, for example {@code test-12}. */
    String id();

    /** What the generator is asked for. */
    String prompt();

    /** The first frame, which the generator is given. */
    RgbImage image();

    /** The first frame together with the judge of clips: the truth is made once for both. */
    Shown look();

    /**
     * A sample whose truth is at hand.
     *
     * @param image the first frame
     * @param figures what a clip of the sample is worth, by name
     */
    record Shown(RgbImage image, Function<List<RgbImage>, Map<String, Double>> figures) {}
}
