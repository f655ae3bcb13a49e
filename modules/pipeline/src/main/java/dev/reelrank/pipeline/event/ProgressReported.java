package dev.reelrank.pipeline.event;

import java.time.Instant;
import java.util.Map;

/**
 * Step {@code step} of {@code of} is done; best effort, kept for an hour.
 *
 * @param figures of the step by name, for example {@code loss}; empty where a stage has none
 */
public record ProgressReported(
        WorkRef work, Producer producer, int step, int of, Map<String, Double> figures, Instant at)
        implements Event {
    public ProgressReported {
        figures = Map.copyOf(figures);
    }
}
