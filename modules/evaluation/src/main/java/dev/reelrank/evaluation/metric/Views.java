package dev.reelrank.evaluation.metric;

import dev.reelrank.grading.benchmark.BenchmarkFormulas;
import dev.reelrank.ranking.FrameSelection;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an image model sees of a video: one embedding a frame.
 *
 * @param reference of the reference image
 * @param frames in order, at least one
 */
public record Views(float[] reference, List<float[]> frames) {
    /** Frames that VBench's dimensions are computed on, as in grading. */
    private static final int BENCHMARK_FRAMES = 8;

    public Views {
        frames = List.copyOf(frames);
        if (frames.isEmpty()) {
            throw new IllegalArgumentException("a video has at least one frame");
        }
    }

    /** The cosine of each frame with the reference. */
    double[] cosines() {
        return frames.stream().mapToDouble(f -> BenchmarkFormulas.cosine(reference, f)).toArray();
    }

    double mean() {
        return Arrays.stream(cosines()).average().orElseThrow();
    }

    double least() {
        return Arrays.stream(cosines()).min().orElseThrow();
    }

    /** Eight frames, evenly spread: what grading looks at. */
    List<float[]> chosen() {
        return Arrays.stream(FrameSelection.evenly(frames.size(), BENCHMARK_FRAMES))
                .mapToObj(frames::get)
                .toList();
    }

    /**
     * What CLIP sees.
     *
     * @param views of whole frames
     * @param text embedding of the original prompt; null if it is blank
     */
    public record Clip(Views views, float @Nullable [] text) {}

    /**
     * What DINOv3 sees.
     *
     * @param views of whole frames
     * @param subject of the squares around the subject; null if it was not looked at
     * @param whyNot why there are no views of the subject; null if there are
     */
    public record Dino(Views views, @Nullable Views subject, @Nullable String whyNot) {}
}
