package dev.reelrank.dqa;

import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.video.FlowField;
import dev.reelrank.video.OpticalFlow;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The optical flow between frames of one video, searched once for each pair. DIS assumes that a
 * point keeps its brightness, so the flow is searched on frames of equal mean brightness.
 */
final class Flows implements AutoCloseable {
    private record Pair(int from, int to) {}

    private final List<RgbImage> frames;
    private final Map<Pair, FlowField> known = new HashMap<>();
    private final OpticalFlow search = OpticalFlow.dis(OpticalFlow.Quality.MEDIUM);

    Flows(List<RgbImage> frames) {
        this.frames = frames;
    }

    List<RgbImage> frames() {
        return frames;
    }

    /** Where every pixel of one frame is in another. */
    FlowField between(int from, int to) {
        return known.computeIfAbsent(
                new Pair(from, to),
                p ->
                        search.between(
                                frames.get(from),
                                Brightness.matched(frames.get(to), frames.get(from))));
    }

    @Override
    public void close() {
        search.close();
    }
}
